/** Finds the base of a URL. It knows no images and no tokens. */
import { SLASH, toLowerCase } from '../text/ascii.ts';
import { parseFromPath, parseReference, type Reference, startOfAuthority } from './reference.ts';

/** The location of a scheme's URLs: an origin with a path, or only a path. */
export interface Base {
  /** The option's text without a trailing slash; new URLs begin with it. */
  readonly text: string;
  /** Host and port in lower case; undefined for a base that is a path, which matches only path-absolute references. */
  readonly authority: string | undefined;
  /** `''`, or `/cdn-cgi/imagedelivery`. */
  readonly path: string;
}

/** A base under which images are stored, and not delivered. */
export interface FromBase extends Base {
  /** Parameters that are tokens there, by their decoded names. */
  readonly tokens: readonly string[];
}

/**
 * @param bases - the longest path first, so that the most specific base wins
 * @returns undefined for a URL under no base
 */
export function findBase<B extends Base>(
  text: string,
  bases: readonly B[],
): { readonly base: B; readonly reference: Reference } | undefined {
  const authority = startOfAuthority(text);
  if (authority === undefined) return undefined;
  // Usually the host is written exactly like the base's: then it need not be parsed.
  let base = findExact(text, authority, bases);
  const reference =
    base === undefined
      ? parseReference(text)
      : parseFromPath(text, authority, authority + (base.authority?.length ?? 0));
  if (reference === undefined) return undefined;
  base ??= bases.find((each) => isUnder(each, text, reference));
  return base && { base, reference };
}

/**
 * Cloudflare's signed URLs have two parameters, and pages add a version or two. The limits are far above that, and bound
 * the work for a hostile page: decoding and serializing a single parameter takes about as long as signing the rest of
 * the URL, and a page can hold thousands of URLs.
 */
const maxParameters = 64;
const maxQueryLength = 2_048;

/** Whether the query is short enough to be read at all. */
export function isQueryWithinLimits(
  text: string,
  { query, fragment }: Reference,
  maxLength: number = maxQueryLength,
): boolean {
  if (query === fragment) return true;
  if (fragment - query - 1 > maxLength) return false;
  let parameters = 1;
  for (let at = text.indexOf('&', query); at >= 0 && at < fragment; at = text.indexOf('&', at + 1))
    if (++parameters > maxParameters) return false;
  return true;
}

/**
 * The base that the URL begins with, written exactly as the base is. It does not look at the rest of the URL.
 * @param authority - offset of the host; 0 for a path
 */
export function findExact<B extends Base>(
  text: string,
  authority: number,
  bases: readonly B[],
): B | undefined {
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

/** Whether a URL begins with this base; `reference` is of the same text. */
export function isUnder(base: Base, text: string, reference: Reference): boolean {
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
  return hasPath(base, text, reference);
}

/** Whether the path of a URL is under that of the base, whatever its host is; `reference` is of the same text. */
export function hasPath(base: Base, text: string, { path }: Reference): boolean {
  return text.startsWith(base.path, path) && text.charCodeAt(path + base.path.length) === SLASH;
}
