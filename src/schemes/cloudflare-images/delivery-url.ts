/**
 * Matches a URL against the delivery bases, and takes a delivery URL apart. It does not know which accounts and variants
 * are allowed, and knows nothing of tokens.
 */
import { type Base, findBase, isQueryWithinLimits } from '../../url/base.ts';
import {
  decodeSegment,
  isAbsolute,
  isDotSegment,
  isWellEncoded,
  serializePath,
} from '../../url/canonical.ts';
import type { Reference } from '../../url/reference.ts';

/** The part of a delivery URL before the account hash. */
export interface DeliveryBase extends Base {
  /** Set if the URLs of this base leave the account hash out; the signed path contains it all the same. */
  readonly accountHash: string | undefined;
}

/** The parts of a delivery URL. */
export interface DeliveryMatch {
  readonly text: string;
  readonly reference: Reference;
  readonly base: DeliveryBase;
  /** The canonical path after the base. */
  readonly path: string;
  /** Offset of the image id in `path`. */
  readonly idStart: number;
  /** Offset of the variant in `path`. */
  readonly variantStart: number;
  /** Percent-decoded. */
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
  if (!reference.isPlain) return matchEncoded(text, reference, base, path);
  const accountEnd = base.accountHash === undefined ? path.indexOf('/', 1) : 0;
  const variantStart = reference.lastSlash + 1 - start;
  if (accountEnd < 0 || variantStart <= accountEnd + 1) return 'not-canonical';
  const variant = path.slice(variantStart);
  return checkId({
    text,
    reference,
    base,
    path,
    idStart: accountEnd + 1,
    variantStart,
    variant,
  });
}

function checkId(match: DeliveryMatch): DeliveryMatch | 'not-canonical' {
  const { path, idStart, variantStart } = match;
  // `URL` strips leading and trailing spaces: a handler's `new URL(id, store)` would ask for another image.
  const isPadded = path.startsWith('%20', idStart) || path.startsWith('%20/', variantStart - 4);
  const mayBeAbsolute = path.includes(':', idStart) || path.includes('|', idStart);
  const isIdAbsolute = mayBeAbsolute && isAbsolute(path.slice(idStart));
  return isPadded || isIdAbsolute ? 'not-canonical' : match;
}

/** For a path that contains percent-encoding, or characters that `URL` percent-encodes. */
function matchEncoded(
  text: string,
  reference: Reference,
  base: DeliveryBase,
  pathAsWritten: string,
): DeliveryMatch | 'not-canonical' {
  if (!canSerialize(pathAsWritten)) return 'not-canonical';
  const path = serializePath(pathAsWritten);
  const segments = path.slice(1).split('/');
  if (segments.length < (base.accountHash === undefined ? 3 : 2)) return 'not-canonical';
  let variant = '';
  for (const segment of segments) {
    const decoded = decodeSegment(segment);
    if (decoded === undefined) return 'not-canonical';
    variant = decoded;
  }
  const idStart = base.accountHash === undefined ? path.indexOf('/', 1) + 1 : 1;
  return checkId({
    text,
    reference,
    base,
    path,
    idStart,
    variantStart: path.lastIndexOf('/') + 1,
    variant,
  });
}

/** Whether the URL's path is written exactly as it is signed; the guard and `verifyImage` require that. */
export function isSpelledAsSigned(match: DeliveryMatch): boolean {
  const { text, reference, base, path } = match;
  return (
    reference.query - reference.path === base.path.length + path.length &&
    text.startsWith(path, reference.path + base.path.length)
  );
}

/** The account hash, percent-decoded. */
export function accountHashOf(match: DeliveryMatch): string {
  const { base, path, idStart, reference } = match;
  if (base.accountHash !== undefined) return base.accountHash;
  const hash = path.slice(1, idStart - 1);
  return reference.isPlain ? hash : decodeURIComponent(hash);
}

/** The image id, percent-decoded; it may contain slashes. */
export function imageIdOf(match: DeliveryMatch): string {
  const id = match.path.slice(match.idStart, match.variantStart - 1);
  return match.reference.isPlain ? id : decodeURIComponent(id);
}

/** The path that is signed. It contains the account hash even if the URL leaves it out. */
export function signedPathOf({ base, path }: DeliveryMatch): string {
  return base.accountHash === undefined ? path : `/${base.accountHash}${path}`;
}

/** The query as written, without `?`. */
export function queryOf(match: DeliveryMatch): string {
  return match.text.slice(match.reference.query + 1, match.reference.fragment);
}

/** Whether `URL` keeps all segments of this path, and its escapes may be canonical. A lone surrogate would become U+FFFD. */
function canSerialize(path: string): boolean {
  return isWellEncoded(path) && path.isWellFormed() && !path.split('/').some(isDotSegment);
}
