/**
 * Reads a URL for a scheme: finds its base, and writes it as a browser would send it. A scheme gets nothing else: no
 * fragment, no dot segment, nothing that is encoded twice.
 */
import { maxUrlLength } from '../limits.ts';
import { type Base, findBase, isQueryWithinLimits } from '../url/base.ts';
import { encodeSegment, serializePath } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import type { UrlPlace } from './definition.ts';
import { hasDotSegment } from './dot-segments.ts';

export interface WrittenUrl {
  /** As it was found. */
  readonly text: string;
  /** Without the fragment, in ASCII. */
  readonly url: string;
  /** `''`, or from the `#` on. */
  readonly fragment: string;
  readonly base: Base;
  readonly place: UrlPlace;
}

/** A session token of AWS alone has one or two thousand characters. */
const maxQueryLength = 8_192;

/**
 * @param hasFreePath - whether the scheme reads paths on its own, which may hold a whole URL
 * @returns undefined for a URL under no base; `'not-canonical'` for one that schemes do not get
 */
export function writeUrl(
  text: string,
  bases: readonly Base[],
  hasFreePath: boolean,
): WrittenUrl | 'not-canonical' | undefined {
  if (text.length > maxUrlLength) return undefined;
  const found = findBase(text, bases);
  if (found === undefined) return undefined;
  const { base, reference } = found;
  if (!isQueryWithinLimits(text, reference, maxQueryLength)) return 'not-canonical';
  const start = reference.path + base.path.length;
  const asWritten = text.slice(start, reference.query);
  if (hasDotSegment(asWritten)) return 'not-canonical';
  const path = reference.isPlain ? asWritten : hasFreePath ? writeFreePath(asWritten) : writePath(asWritten);
  if (path === undefined) return 'not-canonical';
  const place = { path: start, query: start + path.length };
  if (path === asWritten && reference.query === text.length)
    return { text, url: text, fragment: '', base, place };
  const query = writeQuery(text.slice(reference.query, reference.fragment));
  const url = text.slice(0, start) + path + query;
  return { text, url, fragment: text.slice(reference.fragment), base, place };
}

/**
 * @param path - without dot segments
 * @returns undefined for a path in which a segment is empty, or decodes to what a server may read as another path
 */
function writePath(path: string): string | undefined {
  if (!path.isWellFormed()) return undefined;
  const written = serializePath(path);
  const isReadable = (segment: string): boolean => {
    const text = percentDecode(segment);
    return !text.includes('\ufffd') && encodeSegment(text) !== undefined;
  };
  return written.slice(1).split('/').every(isReadable) ? written : undefined;
}

/** @param path - without dot segments. @returns undefined for a lone surrogate, which `URL` would replace */
function writeFreePath(path: string): string | undefined {
  return path.isWellFormed() ? serializePath(path) : undefined;
}

/** As `URL` writes it, and with the characters encoded that RFC 3986 allows nowhere. */
function writeQuery(query: string): string {
  if (/^[!$-&(-;=?-Z_a-z~]*$/.test(query)) return query === '?' ? '' : query;
  return new URL(`http://host/${query}`).search.replace(/[[\]^`{|}]/g, encodeURIComponent);
}

/**
 * The URL of an image id, which is plain text. A `+` is percent-encoded: S3 reads a bare one as a space.
 * @returns undefined if a segment of the id cannot be encoded (`encodeSegment`)
 */
export function urlOfPath(id: string, base: Base): string | undefined {
  const segments = id.split('/').map((segment) => encodeSegment(segment)?.replaceAll('+', '%2B'));
  return segments.includes(undefined) ? undefined : `${base.text}/${segments.join('/')}`;
}
