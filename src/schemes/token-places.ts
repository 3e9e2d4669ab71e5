/** Where a token stands in a URL, and what it says of its expiry. It knows no scheme. */
import type { Base } from '../url/base.ts';
import { findBase, findExact } from '../url/base.ts';
import { startOfAuthority } from '../url/reference.ts';

/** Offset of the whole path, that of the base included. @param url - under a base */
export function startOfPath(url: string): number {
  return url.indexOf('/', startOfAuthority(url) ?? 0);
}

/** The bases in the order in which they are to be tried: of nested bases the inner one has the URL. */
export function mostSpecificFirst<B extends Base>(bases: readonly B[]): readonly B[] {
  return bases.toSorted((a, b) => b.path.length - a.path.length);
}

/**
 * Offset of the path after the base.
 * @param bases - the most specific first
 * @returns undefined for a URL under no base
 */
export function endOfBase(url: string, bases: readonly Base[]): number | undefined {
  const authority = startOfAuthority(url);
  const exact = authority === undefined ? undefined : findExact(url, authority, bases);
  if (exact !== undefined) return authority! + (exact.authority?.length ?? 0) + exact.path.length;
  const found = findBase(url, bases);
  return found && found.reference.path + found.base.path.length;
}

/** Unix seconds in the one spelling that tokens have. @returns undefined for any other text */
export function readExpiry(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,10}$/.test(text) ? Number(text) : undefined;
}

export interface SplitUrl {
  /** Host and port, as a browser sends them: in lower case. */
  readonly host: string;
  /** Offset of the path's first `/`. */
  readonly path: number;
  /** Offset of the `?`; the length of the URL if there is none. */
  readonly query: number;
}

/** @param url - with a host and a path */
export function splitUrl(url: string): SplitUrl {
  const authority = startOfAuthority(url) ?? 0;
  const path = url.indexOf('/', authority);
  const query = url.indexOf('?', path);
  return {
    host: url.slice(authority, path).toLowerCase(),
    path,
    query: query < 0 ? url.length : query,
  };
}
