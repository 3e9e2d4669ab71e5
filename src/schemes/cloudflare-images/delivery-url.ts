/**
 * Matches a URL against the delivery bases, parses delivery URLs, and explains near misses. It does not know which accounts
 * and variants are allowed, or anything about tokens.
 */

import { maxUrlLength } from '../../text/limits.ts';
import { type Base, findBase, isQueryWithinLimits, isUnder } from '../../url/base.ts';
import {
  decodeSegment,
  encodeSegment,
  hasDotSegment,
  isAbsolute,
  isWellEncoded,
  serializePath,
} from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { parseReference, type Reference } from '../../url/reference.ts';
import type { Unmatched } from '../definition.ts';

/** The part of a delivery URL before the account hash. */
export interface DeliveryBase extends Base {
  /** Set if the URLs of this base omit the account hash; the signed path still contains it. */
  readonly accountHash: string | undefined;
}

interface FoundBase {
  readonly base: DeliveryBase;
  readonly reference: Reference;
}

/** The parts of a delivery URL. */
export interface DeliveryMatch {
  readonly text: string;
  readonly reference: Reference;
  readonly base: DeliveryBase;
  /** The canonical path after the base. */
  readonly path: string;
  /** The path that is signed. It contains the account hash even if the URL omits it. */
  readonly signedPath: string;
  /** Percent-decoded, like the image id and the variant. */
  readonly accountHash: string;
  /** It can contain slashes. */
  readonly id: string;
  readonly variant: string;
}

/**
 * @param bases - the longest path first, so that the most specific base wins
 * @returns `'not-canonical'` for a URL under a base whose path is not a canonical
 *   `/<account hash>/<image id>/<variant>`, or whose query exceeds a limit; undefined for a URL under no base
 */
export function matchDelivery(
  text: string,
  bases: readonly DeliveryBase[],
): DeliveryMatch | 'not-canonical' | undefined {
  const found = findBase(text, bases);
  if (found === undefined) return undefined;
  const { base, reference } = found;
  if (!isQueryWithinLimits(text, reference)) return 'not-canonical';

  const start = reference.path + base.path.length;
  const path = text.slice(start, reference.query);
  // Cloudflare's own path on a domain belongs to the base: a signature over it would always be wrong.
  if (path.startsWith(ownDomainPath) && base.accountHash === undefined) return undefined;
  if (!reference.isPlain) return matchEncoded(text, found, path);
  const accountEnd = base.accountHash === undefined ? path.indexOf('/', 1) : 0;
  const variantStart = reference.lastSlash + 1 - start;
  if (accountEnd < 0 || variantStart <= accountEnd + 1) return 'not-canonical';
  return matchId(text, found, path, accountEnd + 1, variantStart);
}

/**
 * @param path - the canonical one after the base
 * @param idStart - offset of the image id in it
 */
function matchId(
  text: string,
  { base, reference }: FoundBase,
  path: string,
  idStart: number,
  variantStart: number,
): DeliveryMatch | 'not-canonical' {
  // `URL` strips leading and trailing spaces: a handler's `new URL(id, store)` would request another image.
  if (path.startsWith('%20', idStart) || path.startsWith('%20/', variantStart - 4)) return 'not-canonical';
  const mayBeAbsolute = path.includes(':', idStart) || path.includes('|', idStart);
  if (mayBeAbsolute && isAbsolute(path.slice(idStart))) return 'not-canonical';
  const decode = reference.isPlain ? String : decodeURIComponent;
  const { accountHash } = base;
  return {
    text,
    reference,
    base,
    path,
    signedPath: accountHash === undefined ? path : `/${accountHash}${path}`,
    accountHash: accountHash ?? decode(path.slice(1, idStart - 1)),
    id: decode(path.slice(idStart, variantStart - 1)),
    variant: decode(path.slice(variantStart)),
  };
}

/** For a path that contains percent-encoding, or characters that `URL` percent-encodes. */
function matchEncoded(
  text: string,
  found: FoundBase,
  pathAsWritten: string,
): DeliveryMatch | 'not-canonical' {
  const { base } = found;
  if (!canSerialize(pathAsWritten)) return 'not-canonical';
  const path = serializePath(pathAsWritten);
  const segments = path.slice(1).split('/');
  if (segments.length < (base.accountHash === undefined ? 3 : 2)) return 'not-canonical';
  if (segments.some((segment) => decodeSegment(segment) === undefined)) return 'not-canonical';
  const idStart = base.accountHash === undefined ? path.indexOf('/', 1) + 1 : 1;
  return matchId(text, found, path, idStart, path.lastIndexOf('/') + 1);
}

/** Whether the URL's path is written exactly as it is signed, which the guard and `verifyImage` require. */
export function isSpelledAsSigned(match: DeliveryMatch): boolean {
  const { text, reference, base, path } = match;
  return (
    reference.query - reference.path === base.path.length + path.length &&
    text.startsWith(path, reference.path + base.path.length)
  );
}

/** The query as written, without `?`. */
export function queryOf(match: DeliveryMatch): string {
  return match.text.slice(match.reference.query + 1, match.reference.fragment);
}

/** Whether `URL` keeps all segments of this path, and its escapes can be canonical. A lone surrogate would become U+FFFD. */
function canSerialize(path: string): boolean {
  return isWellEncoded(path) && path.isWellFormed() && !hasDotSegment(path);
}

const ownDomainPath = '/cdn-cgi/imagedelivery/';

const unknown: Unmatched = { reason: 'not-a-delivery-url' };

/** Enough for any delivery URL in use. Explaining a longer URL would take longer than signing it. */
const maxLength = 1024;
const maxSegments = 32;

/**
 * Why a URL that looks like an image's is not a delivery URL, for the developer who has to fix it. A reason is given only if
 * the fixed URL matches. Called for URLs that `matchDelivery` has not matched.
 */
export function explainUnmatched(text: string, bases: readonly DeliveryBase[]): Unmatched {
  if (text.length > maxUrlLength) return unknown;
  const reference = parseReference(text);
  if (reference === undefined) return explainId(text);
  const base = bases.find((each) => isUnder(each, text, reference));
  if (base === undefined) return explainUnknownBase(text, reference);
  if (!isQueryWithinLimits(text, reference)) return { reason: 'too-many-parameters' };
  if (reference.query > maxLength) return unknown;
  const head = text.slice(0, reference.path + base.path.length);
  const path = text.slice(head.length, reference.query);
  if (path.startsWith(ownDomainPath)) return explainUnknownBase(text, reference);
  const matches = (fixed: string): boolean => typeof matchDelivery(head + fixed, bases) === 'object';
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  if (isWellEncoded(bare)) {
    if (bare !== path && matches(bare)) return { reason: 'trailing-slash' };
    if (matches(`${bare}/variant`)) return { reason: 'variant-missing' };
  }
  // `encodeURIComponent` leaves nothing beyond ASCII.
  if (/[^!-~]/.test(bare)) return unknown;
  const segments = bare
    .split('/', maxSegments + 1)
    .slice(1)
    .map(percentDecode);
  if (segments.length === maxSegments) return unknown;
  // A variant has no slash. A segment with one may be a key instead of a variant, and must not show as part of an image id.
  if (segments.at(-1)?.includes('/')) return unknown;
  const decoded = segments.flatMap((segment) => segment.split('/'));
  const encoded = decoded.map(encodeSegment);
  if (encoded.includes(undefined) || !matches(`/${encoded.join('/')}`)) return unknown;
  return { reason: 'encoded-path', id: decoded.slice(base.accountHash === undefined ? 1 : 0, -1).join('/') };
}

/** Explains an image id that was encoded with `encodeURIComponent` before it was passed to a helper. */
function explainId(text: string): Unmatched {
  if (!/%[0-9a-f]{2}/i.test(text) || /[:\\]/.test(text)) return unknown;
  const id = percentDecode(text);
  // U+FFFD stands for invalid UTF-8.
  const isEncodable = id.split('/').every((segment) => encodeSegment(segment) !== undefined);
  return isEncodable && !id.includes('\ufffd') ? { reason: 'encoded-path', id } : unknown;
}

/** Cloudflare Images' host, and its path on custom domains. */
const cloudflareHost = 'imagedelivery.net';
const cloudflarePath = '/cdn-cgi/imagedelivery';

/** The longest run of letters and digits that every URL of Cloudflare Images contains. */
export const cloudflareLiteral = 'imagedelivery';

function explainUnknownBase(text: string, { authority, path, query }: Reference): Unmatched {
  const host = text.slice(authority, path).toLowerCase();
  if (authority > 0 && host === cloudflareHost)
    return { reason: 'not-under-delivery', delivery: `https://${cloudflareHost}` };
  const at = text.slice(0, query).indexOf(`${cloudflarePath}/`, path);
  if (at < 0 || host.includes('@')) return unknown;
  const scheme = /^http:/i.test(text) ? 'http' : 'https';
  const origin = authority === 0 ? '' : `${scheme}://${host}`;
  return {
    reason: 'not-under-delivery',
    delivery: `${origin}${text.slice(path, at)}${cloudflarePath}`,
  };
}
