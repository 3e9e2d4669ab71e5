/**
 * A URL as a scheme receives it: its base is known, and it is written as a browser would send it. A scheme never receives a
 * fragment, a dot segment, or a path that different servers could read as different objects.
 */
import { maxUrlLength } from '../text/limits.ts';
import { type Base, findBase, hasPath, isQueryWithinLimits } from '../url/base.ts';
import { hasDotSegment, percentEncode, serializePath } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { leadsElsewhere, type NameProblem, nameProblemOf } from './object-name.ts';

/** Where the parts of a URL are, for built-in schemes. */
export interface UrlPlace {
  readonly base: Base;
  /** Offset of the path after the base: of its first `/`. */
  readonly path: number;
  /** Offset of the `?`; the length of the URL if there is none. */
  readonly query: number;
}

export interface WrittenUrl {
  /** As it was found. */
  readonly text: string;
  /** Without the fragment, in ASCII. */
  readonly url: string;
  /** `''`, or from the `#` on. */
  readonly fragment: string;
  readonly place: UrlPlace;
  /**
   * Offset of the query in `text`. It is set if `url` has the same query: then the URL without its token keeps the path as
   * written. Otherwise it has the path of `url`.
   */
  readonly queryInText?: number;
}

/** Why a URL under a base is not read. */
export type Unread = NameProblem | 'unreadable';

/** An AWS session token alone has one or two thousand characters. */
const maxQueryLength = 8_192;

/** How a scheme reads paths. */
export interface PathRules {
  /** Whether the scheme reads paths itself, because they can contain a whole URL. */
  readonly isFree: boolean;
  /** Whether only those names are signed that a handler can put into a URL. */
  readonly isPlainOnly: boolean;
  /** The prefix of a first path segment that is a token; undefined if the scheme's tokens are never there. */
  readonly tokenSegment: string | undefined;
  /** Bases that are paths of the site, where a guard may be. Only plain names are signed below them, with any host. */
  readonly sitePaths: readonly Base[];
}

/** @returns why schemes do not receive the URL, if they don't; undefined for a URL under no base */
export function writeUrl(
  text: string,
  bases: readonly Base[],
  rules: PathRules,
): WrittenUrl | Unread | undefined {
  if (text.length > maxUrlLength) return undefined;
  const found = findBase(text, bases);
  if (found === undefined) return undefined;
  const { base, reference } = found;
  if (!isQueryWithinLimits(text, reference, maxQueryLength)) return 'unreadable';
  const start = reference.path + base.path.length;
  const asWritten = text.slice(start, reference.query);
  if (hasDotSegment(asWritten)) return 'dot-segment';
  // `URL` would replace a lone surrogate with U+FFFD.
  if (!reference.isPlain && !asWritten.isWellFormed()) return 'not-utf-8';
  const path = reference.isPlain && !asWritten.includes('|') ? asWritten : writePath(asWritten);
  const site = rules.sitePaths.find((each) => hasPath(each, text, reference));
  const isPlainOnly = rules.isPlainOnly || site !== undefined;
  const name = base.path === '' ? afterToken(path, rules.tokenSegment) : path;
  const problem = reference.isPlain || rules.isFree ? undefined : nameProblemOf(name, isPlainOnly);
  if (problem !== undefined) return problem;
  if (isPlainOnly && leadsElsewhere(nameOf(path, base, site))) return 'plain-names-only';
  const place = { base, path: start, query: start + path.length };
  if (path === asWritten && reference.query === text.length) return { text, url: text, fragment: '', place };
  const query = writeQuery(text.slice(reference.query, reference.fragment));
  const url = text.slice(0, start) + path + query;
  return { text, url, fragment: text.slice(reference.fragment), place };
}

/** The path without the token segments at its beginning; it may have several. */
export function afterToken(path: string, tokenSegment: string | undefined): string {
  let start = 0;
  while (tokenSegment !== undefined && path.startsWith(tokenSegment, start + 1)) {
    const end = path.indexOf('/', start + 1);
    if (end < 0) break;
    start = end;
  }
  return path.slice(start);
}

/** A guard reads the name after the path of the site, which can be longer than the base's path. */
function nameOf(path: string, base: Base, site: Base = base): string {
  return percentDecode(path.slice(1 + Math.max(0, site.path.length - base.path.length)));
}

/**
 * As `URL` writes it, but with `^` and `|` encoded: earlier editions of the standard leave `^`, all of them leave `|`, and
 * Chromium encodes both. Encoded, they are sent as they were signed.
 * @param path - without dot segments
 */
function writePath(path: string): string {
  return serializePath(path).replace(/[\^|]/g, encodeURIComponent);
}

/** As `URL` writes it, but with every character encoded that RFC 3986 does not allow. */
function writeQuery(query: string): string {
  if (/^[!$-&(-;=?-Z_a-z~]*$/.test(query)) return query === '?' ? '' : query;
  return new URL(`http://host/${query}`).search.replace(/[[\]^`{|}]/g, encodeURIComponent);
}

/** The URL without its token, as it is sent. @param bare - the result of `strip` */
export function asText({ text, url, fragment, place, queryInText }: WrittenUrl, bare: string): string {
  if (bare === url) return text;
  const isAsWritten = queryInText !== undefined;
  return (isAsWritten ? text.slice(0, queryInText) + bare.slice(place.query) : bare) + fragment;
}

/** As `URL` writes a segment, but with `+` percent-encoded: S3 reads a bare one as a space. */
function encodeName(text: string): string {
  return percentEncode(text).replaceAll('+', '%2B');
}

/**
 * The URL of an image id, which is plain text. Whether it may be signed is decided later, when the URL is read.
 * @param encode - percent-encodes a segment
 * @returns undefined for a text that is not well-formed Unicode
 */
export function urlOfPath(
  id: string,
  base: Base,
  encode: (text: string) => string = encodeName,
): string | undefined {
  return id.isWellFormed() ? `${base.text}/${id.split('/').map(encode).join('/')}` : undefined;
}
