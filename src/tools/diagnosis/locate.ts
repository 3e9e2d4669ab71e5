/**
 * Finds the image that a URL names, though the URL may be spelled in a way that does not verify: it corrects one mistake
 * after the other. It knows no tokens and no keys.
 */
import {
  type DeliveryBase,
  type DeliveryMatch,
  isSpelledAsSigned,
  matchDelivery,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { isQueryWithinLimits, isUnder } from '../../url/base.ts';
import { parseReference } from '../../url/reference.ts';
import { isPlainPath } from '../../validation/base.ts';
import { asBase, describe } from '../../validation/message.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';
import { pathMistake } from './spelling.ts';

const cloudflareHost = 'imagedelivery.net';
const cloudflarePath = '/cdn-cgi/imagedelivery';

/** Wrangler's simulator delivers images without an account hash, here. */
export const simulatorPath = '/__cf_local/imagedelivery';

export interface Located {
  /** Undefined if no image was found. */
  readonly match: DeliveryMatch | undefined;
  /** False for a query that is too long to be read. */
  readonly hasReadableQuery: boolean;
  readonly findings: readonly Finding[];
}

/** What one correction leaves to look at, and whether to go on. */
interface Progress {
  text: string;
  bases: readonly DeliveryBase[];
  hasReadableQuery: boolean;
  isDone: boolean;
  readonly findings: Finding[];
}

/** There are fewer kinds of mistakes that can be corrected: each comes up once. */
const maxCorrections = 8;

export function locate(text: string, configuration: CloudflareSetup): Located {
  const progress: Progress = {
    text,
    bases: configuration.bases,
    hasReadableQuery: true,
    isDone: false,
    findings: [],
  };
  let match: DeliveryMatch | undefined;
  for (let i = 0; i < maxCorrections && match === undefined && !progress.isDone; i++) {
    const found = matchDelivery(progress.text, progress.bases);
    if (typeof found === 'object') match = found;
    else if (found === 'not-canonical') correctPath(progress);
    else correctBase(progress, configuration);
  }
  const { hasReadableQuery, findings } = progress;
  if (match !== undefined && !isSpelledAsSigned(match)) {
    findings.push(
      finding(
        'unencoded-path',
        'The path holds characters that a browser percent-encodes, and is verified as it is written.',
      ),
    );
  }
  return { match, hasReadableQuery, findings };
}

/** The URL is under no base: its scheme is not known, or its beginning is not in `delivery`. */
function correctBase(progress: Progress, configuration: CloudflareSetup): void {
  const { text, findings } = progress;
  const withScheme = correctScheme(text, configuration.bases);
  if (withScheme !== text) {
    findings.push(finding('other-scheme', 'The URL begins with neither `https://` nor `http://`.'));
    progress.text = withScheme;
    return;
  }
  const base = guessBase(text, configuration);
  if (base === undefined || progress.bases !== configuration.bases) {
    progress.isDone = true;
    findings.push(unknownPlace(text));
    return;
  }
  const entry = describe(base.text, asBase);
  const bases = configuration.bases.map((each) => describe(each.text, asBase)).join(', ');
  findings.push(
    finding(
      'not-under-delivery',
      `The URL is under none of the bases in \`delivery\`, which has ${bases}.`,
      `Add ${entry} to \`delivery\` if images are delivered there, or correct the URL.`,
    ),
  );
  progress.bases = [base];
}

/**
 * Which base a URL may have that is under none of `delivery`: for the entry to add, and to explain the rest of the URL. It
 * only guesses if something in the URL is known.
 * @returns undefined unless the URL has a path that looks like an image's
 */
function guessBase(text: string, { accounts, bases }: CloudflareSetup): DeliveryBase | undefined {
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

function unknownPlace(text: string): Finding {
  const reference = parseReference(text);
  if (reference !== undefined) {
    const isSimulator = text.startsWith(`${simulatorPath}/`, reference.path);
    return isSimulator
      ? finding(
          'local-simulator',
          "The URL is of wrangler's local simulator, which has a scheme of its own: no account hash, and a key that everybody knows.",
        )
      : finding(
          'not-a-delivery-url',
          'The URL is under none of the bases in `delivery`, and does not look like an image of Cloudflare.',
        );
  }
  return /^(?:https?:)?\/|^https?:/i.test(text)
    ? finding(
        'not-canonical',
        'The URL holds a backslash or a control character, or has no host: a browser would change it.',
      )
    : finding('not-a-delivery-url', 'This is neither a URL with a scheme nor a path that begins with `/`.');
}

/** `imagedelivery.net/…`, `https:/host/…` and `ftp://host/…` with `https://`. */
function correctScheme(text: string, bases: readonly DeliveryBase[]): string {
  if (/^https?:\/(?!\/)/i.test(text)) return `https://${text.slice(text.indexOf('/') + 1)}`;
  const [scheme, name] = /^([a-z][a-z\d+.-]{0,20}):\/\//i.exec(text) ?? [];
  if (scheme !== undefined) return /^https?$/i.test(name!) ? text : `https://${text.slice(scheme.length)}`;
  const slash = text.indexOf('/');
  const host = text.slice(0, Math.max(slash, 0)).toLowerCase();
  const isKnown =
    host !== '' && [...bases.map(({ authority }) => authority), 'imagedelivery.net'].includes(host);
  return isKnown ? `https://${text}` : text;
}

function correctPath(progress: Progress): void {
  const { text, findings } = progress;
  const reference = parseReference(text);
  const base = reference && progress.bases.find((each) => isUnder(each, text, reference));
  if (reference === undefined || base === undefined) {
    progress.isDone = true; // `matchDelivery` has found both
    return;
  }
  if (!isQueryWithinLimits(text, reference)) {
    findings.push(
      finding(
        'too-many-parameters',
        'The URL has more than 64 parameters, or more than 2048 characters of them.',
      ),
    );
    progress.hasReadableQuery = false;
    progress.text = text.slice(0, reference.query);
    return;
  }
  const start = reference.path + base.path.length;
  const mistake = pathMistake(text.slice(start, reference.query), base.accountHash === undefined);
  findings.push(mistake.finding);
  if (mistake.path === undefined) progress.isDone = true;
  else progress.text = text.slice(0, start) + mistake.path + text.slice(reference.query);
}
