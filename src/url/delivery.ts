/**
 * Is a URL an image of ours, and which? It compares the text as written with the bases, and edits nothing.
 * It refuses to know which accounts and variants are allowed, and all about tokens.
 */
import { AMPERSAND, SLASH, toLowerCase } from '../ascii.ts';
import { decodeSegment, isAbsolute, isDotSegment, writePath } from './canonical.ts';
import { parseFromPath, parseReference, type Reference, startOfAuthority } from './reference.ts';

/** A URL that images are delivered under. */
export interface DeliveryBase {
  /** As the option gives it, without a slash at its end; new URLs begin with it. */
  readonly text: string;
  /** Host and port in lower case; undefined for a base that is a path, which matches no other kind of reference. */
  readonly authority: string | undefined;
  /** `''`, or `/cdn-cgi/imagedelivery`. */
  readonly path: string;
  /** Set where the URL leaves the account out, and the signed path does not. */
  readonly accountHash: string | undefined;
}

/** A delivery URL, taken apart. */
export interface DeliveryMatch {
  readonly text: string;
  readonly reference: Reference;
  readonly base: DeliveryBase;
  /** What follows the base, as `URL` writes it; canonical. */
  readonly path: string;
  /** Where in `path` the id begins: behind the account's slash, or behind the first one. */
  readonly idStart: number;
  /** Where in `path` the variant begins. */
  readonly variantStart: number;
  /** Decoded. */
  readonly variant: string;
}

/**
 * @param bases - those with the longest path first, so that the most particular one wins
 * @returns `'not-canonical'` for a URL under a base whose path is not `/<account hash>/<image id>/<variant>` in its
 *   one spelling, or whose query is out of bounds; undefined for somebody else's URL
 */
export function matchDelivery(
  text: string,
  bases: readonly DeliveryBase[],
): DeliveryMatch | 'not-canonical' | undefined {
  const authority = startOfAuthority(text);
  if (authority === undefined) return undefined;
  // A host that is written as the base has it need not be read; the bases that fit are the same.
  let base = findAsWritten(text, authority, bases);
  const reference =
    base === undefined
      ? parseReference(text)
      : parseFromPath(text, authority, authority + (base.authority?.length ?? 0));
  if (reference === undefined) return undefined;
  base ??= bases.find((each) => isUnder(each, text, reference));
  if (base === undefined) return undefined;
  if (!isQueryInBounds(text, reference)) return 'not-canonical';

  const start = reference.path + base.path.length;
  const written = text.slice(start, reference.query);
  if (!reference.isPlain) return matchWritten(text, reference, base, written);
  const accountEnd = base.accountHash === undefined ? written.indexOf('/', 1) : 0;
  const variantStart = reference.lastSlash + 1 - start;
  if (accountEnd < 0 || variantStart <= accountEnd + 1) return 'not-canonical';
  const variant = written.slice(variantStart);
  return withSafeId({
    text,
    reference,
    base,
    path: written,
    idStart: accountEnd + 1,
    variantStart,
    variant,
  });
}

/** No URL of an image has more than a few parameters: each costs as much as the rest of the URL. */
const maxParameters = 64;
const maxQueryLength = 2_048;

function isQueryInBounds(text: string, { query, fragment }: Reference): boolean {
  if (query === fragment) return true;
  if (fragment - query - 1 > maxQueryLength) return false;
  let parameters = 1;
  for (let at = query; at < fragment; at++) if (text.charCodeAt(at) === AMPERSAND) parameters++;
  return parameters <= maxParameters;
}

function withSafeId(match: DeliveryMatch): DeliveryMatch | 'not-canonical' {
  const { path, idStart, variantStart } = match;
  // `URL` drops spaces at either end of what it is given, so `new URL(id, store)` would ask for another image.
  const isPadded = path.startsWith('%20', idStart) || path.startsWith('%20/', variantStart - 4);
  const mayBeForeign = path.includes(':', idStart) || path.includes('|', idStart);
  const isForeign = mayBeForeign && isAbsolute(path.slice(idStart));
  return isPadded || isForeign ? 'not-canonical' : match;
}

/** For a path of which `URL` may have to write something, or in which something has to be decoded. */
function matchWritten(
  text: string,
  reference: Reference,
  base: DeliveryBase,
  written: string,
): DeliveryMatch | 'not-canonical' {
  if (!isWritable(written)) return 'not-canonical';
  const path = writePath(written);
  const segments = path.slice(1).split('/');
  if (segments.length < (base.accountHash === undefined ? 3 : 2)) return 'not-canonical';
  let variant = '';
  for (const segment of segments) {
    const decoded = decodeSegment(segment);
    if (decoded === undefined) return 'not-canonical';
    variant = decoded;
  }
  const idStart = base.accountHash === undefined ? path.indexOf('/', 1) + 1 : 1;
  return withSafeId({
    text,
    reference,
    base,
    path,
    idStart,
    variantStart: path.lastIndexOf('/') + 1,
    variant,
  });
}

/** Whether the text spells the path just as it is signed, as the guard and the verifier demand. */
export function isSpelledAsSigned(match: DeliveryMatch): boolean {
  const { text, reference, base, path } = match;
  return (
    reference.query - reference.path === base.path.length + path.length &&
    text.startsWith(path, reference.path + base.path.length)
  );
}

/** The account's hash, decoded. */
export function accountHashOf(match: DeliveryMatch): string {
  return match.base.accountHash ?? decodeURIComponent(match.path.slice(1, match.idStart - 1));
}

/** The image's id, decoded; it may hold slashes. */
export function imageIdOf(match: DeliveryMatch): string {
  const id = match.path.slice(match.idStart, match.variantStart - 1);
  return match.reference.isPlain ? id : decodeURIComponent(id);
}

/** The path that is signed: with the account, also where the URL leaves it out. */
export function signedPathOf({ base, path }: DeliveryMatch): string {
  return base.accountHash === undefined ? path : `/${base.accountHash}${path}`;
}

/** The query as written, without its `?`. */
export function queryOf(match: DeliveryMatch): string {
  return match.text.slice(match.reference.query + 1, match.reference.fragment);
}

function findAsWritten(
  text: string,
  authority: number,
  bases: readonly DeliveryBase[],
): DeliveryBase | undefined {
  for (const base of bases) {
    if ((base.authority === undefined) !== (authority === 0)) continue;
    const host = base.authority ?? '';
    const end = authority + host.length + base.path.length;
    if (
      text.charCodeAt(end) === SLASH &&
      text.startsWith(host, authority) &&
      text.startsWith(base.path, authority + host.length)
    ) {
      return base;
    }
  }
  return undefined;
}

function isUnder(base: DeliveryBase, text: string, reference: Reference): boolean {
  const { authority, path } = reference;
  if (base.authority === undefined) {
    if (authority !== 0) return false;
  } else {
    const expected = base.authority;
    if (authority === 0 || path - authority !== expected.length) return false;
    for (let i = text.startsWith(expected, authority) ? expected.length : 0; i < expected.length; i++) {
      if (toLowerCase(text.charCodeAt(authority + i)) !== expected.charCodeAt(i)) return false;
    }
  }
  return text.startsWith(base.path, path) && text.charCodeAt(path + base.path.length) === SLASH;
}

/** Whether `URL` writes this path without resolving any of it. */
function isWritable(path: string): boolean {
  return path.isWellFormed() && !path.split('/').some(isDotSegment);
}
