/**
 * Guesses which base a URL has that is under none of `delivery`: for the entry to add, and to explain the rest of the
 * URL all the same. It only guesses if something in the URL is known.
 */

import type { DeliveryBase } from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { parseReference } from '../../url/reference.ts';
import { isPlainPath } from '../../validation/base.ts';

const cloudflareHost = 'imagedelivery.net';
const cloudflarePath = '/cdn-cgi/imagedelivery';

/** Wrangler's simulator delivers images without an account hash, here. */
export const simulatorPath = '/__cf_local/imagedelivery';

/** @returns undefined unless the URL has a path that looks like an image's */
export function guessBase(text: string, { accounts, bases }: CloudflareSetup): DeliveryBase | undefined {
  const reference = parseReference(text);
  if (reference === undefined) return undefined;
  const authority = text.slice(reference.authority, reference.path).toLowerCase();
  if (reference.authority > 0 && !isPlainAuthority(authority)) return undefined;
  const path = text.slice(reference.path, reference.query);
  const sibling = bases.find((base) => base.path !== '' && path.startsWith(`${base.path}/`));
  const hosts = [cloudflareHost, ...bases.map((base) => base.authority)];
  const prefix =
    sibling?.path ??
    (path.startsWith(`${cloudflarePath}/`) ? cloudflarePath : undefined) ??
    prefixBefore(path, accounts ?? []) ??
    (hosts.includes(authority) ? '' : prefixBeforeHash(path));
  if (prefix === undefined || !isPlainPath(prefix)) return undefined;
  const isPath = reference.authority === 0;
  return {
    text: isPath ? prefix || '/' : `https://${authority}${prefix}`,
    authority: isPath ? undefined : authority,
    path: prefix,
    accountHash: sibling?.accountHash,
  };
}

/** Whether the option `delivery` takes this host: as `URL` writes it, without credentials. */
function isPlainAuthority(authority: string): boolean {
  const url = `https://${authority}`;
  return authority !== '' && URL.canParse(url) && new URL(url).host === authority;
}

function prefixBefore(path: string, accounts: Iterable<string>): string | undefined {
  for (const account of accounts) {
    const at = path.indexOf(`/${account}/`);
    if (at >= 0) return path.slice(0, at);
  }
  return undefined;
}

/** Account hashes have 22 characters of base64url. */
function prefixBeforeHash(path: string): string | undefined {
  const segments = path.split('/');
  const at = segments.findIndex((segment) => segment.length === 22 && /^[\w-]+$/.test(segment));
  return at < 0 || segments.length < at + 3 ? undefined : segments.slice(0, at).join('/');
}
