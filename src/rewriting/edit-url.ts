/** Replaces one URL in a value. The parts that the old and the new URL share keep the author's spelling. */
import { isWhitespace } from '../ascii.ts';
import { type Edit, moveEdit } from '../edit.ts';
import { maxUrlLength } from '../limits.ts';
import { toSourceEdits, type UnescapedValue } from '../unescaped-value.ts';
import { maxParameters } from '../url/base.ts';
import { urlEdits } from '../url/edits.ts';
import { isAnyTokenParameter } from '../url/token-parameters.ts';
import { readOptimizedUrl } from '../values/next-image.ts';

/** @returns the URL that replaces this one; undefined to leave it unchanged */
export type UrlMapper = (url: string) => string | undefined;

/**
 * @param limit - keeps what is written from ending its item of a list. Not needed for the URL within one of an image
 *   optimizer, which is percent-encoded: there it would change what was signed.
 * @returns the edits of the unescaped text; none if the URL does not change
 */
export function editUrl(
  unescaped: UnescapedValue,
  start: number,
  end: number,
  map: UrlMapper,
  limit: (map: UrlMapper) => UrlMapper = unlimited,
): readonly Edit[] {
  const source = unescaped.text.slice(start, end);
  const edits = optimizedUrlEdits(source, map) ?? plainUrlEdits(source, limit(map));
  return start === 0 ? edits : edits.map((edit) => moveEdit(edit, start));
}

function plainUrlEdits(source: string, map: UrlMapper): readonly Edit[] {
  const url = textOfBytes(source);
  const mapped = url === undefined ? undefined : map(url);
  return url === undefined || mapped === undefined ? none : editsOf(source, url, mapped);
}

/**
 * The edits of the URL that an image optimizer is asked for; undefined if the optimizer is not asked for one. A URL of an
 * optimizer inside another is left alone.
 */
function optimizedUrlEdits(source: string, map: UrlMapper): readonly Edit[] | undefined {
  const inner = readOptimizedUrl(source);
  return inner && toSourceEdits(plainUrlEdits(inner.text, map), inner);
}

/** @param source - the bytes of `url`, one character each */
function editsOf(source: string, url: string, mapped: string): readonly Edit[] {
  if (mapped === url) return none;
  // Most often a token is appended.
  if (mapped.slice(0, url.length) === url) {
    return [{ start: source.length, end: source.length, text: bytesOfText(mapped.slice(url.length)) }];
  }
  // If removing a token leaves a space at the end, a browser would strip it and load another URL.
  const target = url.endsWith(' ') ? mapped : mapped.replace(/ $/, '%20');
  return urlEdits(source, bytesOfText(target));
}

const none: readonly Edit[] = [];

function unlimited(map: UrlMapper): UrlMapper {
  return map;
}

/** A mapper for `srcset`: a comma at the end of a URL would end the image candidate string before its descriptors. */
export function inCandidate(map: UrlMapper): UrlMapper {
  return (url) => {
    const mapped = map(url);
    return mapped?.endsWith(',') ? `${mapped.slice(0, -1)}%2C` : mapped;
  };
}

/** The same for `data-bgset`, where a `|` before white space ends the whole set. */
export function inCandidateSet(map: UrlMapper): UrlMapper {
  const inner = inCandidate(map);
  // One that ends in it already stands at the end of the value.
  return (url) => (url.endsWith('|') ? inner(url) : inner(url)?.replace(/\|$/, '%7C'));
}

/** The same for a list that is separated by semicolons, of which only another variant's name can bring one along. */
export function inList(map: UrlMapper): UrlMapper {
  return (url) => map(url)?.replaceAll(';', '%3B');
}

/** A longer value, in UTF-8, cannot be a URL. */
const maxUrlBytes: number = 3 * maxUrlLength;

/**
 * Whether a value that may be a URL or a text can be one URL. A text may begin with a signed URL, and so does a `srcset` of
 * them: read as one URL, its words would belong to the signature, and go with it. Not every text puts white space behind a
 * URL: Japanese has none. All other white space is a part of the URL, as in an attribute.
 */
export function isOneUrl(value: string): boolean {
  if (value.length > maxUrlBytes) return false; // an article is not searched
  const path = value.indexOf('?');
  if (path < 0) return true;
  const [query = ''] = value.slice(path + 1).split('#', 1);
  return !query
    .trimEnd()
    .split('&', maxParameters + 1) // one with more is left alone
    .some((parameter) => textBehindToken.test(parameter) && isAnyTokenParameter(parameter));
}

/**
 * A value as long as a signature or a key's id, and behind it what no scheme puts into a token: they are hexadecimal,
 * Base64, dates, paths, lists of names, or percent-encoded. A mark that a token may hold as well counts as text at the end,
 * and if words follow it.
 */
const textBehindToken = /^[^=]*=[\w%+/~-]{14}[\w%~+/=:;.-]*(?:[^\w%~+/=:;.-]|[.:;]$)/;

/** The value without leading and trailing ASCII whitespace, which a browser strips from a URL in an attribute. */
export function trimmedSpan(text: string): { start: number; end: number } {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return { start, end };
}

/** Decodes a string with one character per byte as UTF-8; undefined if the page must be in another encoding. */
function textOfBytes(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  // A field value that the app sets may hold characters above U+00FF; Node.js refuses it only later.
  if (/[^\0-\xff]/.test(bytes)) return undefined;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  // A decoder puts U+FFFD for what is not UTF-8. A fatal one throws, which a stranger's bytes could make it do at will.
  return text.includes('\ufffd') && bytesOfText(text) !== bytes ? undefined : text;
}

function bytesOfText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
