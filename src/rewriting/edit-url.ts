/** Replaces one URL in a value. The parts that the old and the new URL share keep the author's spelling. */
import { isWhitespace } from '../text/ascii.ts';
import { type Edit, toSourceEdits, type UnescapedValue } from '../text/edit.ts';
import { urlEdits } from '../url/edits.ts';
import { readOptimizedUrl } from '../values/next-image.ts';
import { countDescribed, findSrcsetUrls, hasSpaceInPath, isOneUrl } from '../values/urls.ts';
import type { UrlMapper, UrlMapping } from './options.ts';

/**
 * @param limited - the mapper of a list, which keeps the new URL from ending its item. Not used for the URL within an image
 *   optimizer's, which is percent-encoded: it would change what was signed.
 * @returns the edits of the unescaped text; none if the URL does not change
 */
export function editUrl(
  unescaped: UnescapedValue,
  start: number,
  end: number,
  map: UrlMapper,
  limited: UrlMapper = map,
): readonly Edit[] {
  const source = unescaped.text.slice(start, end);
  const edits = optimizedUrlEdits(source, map) ?? plainUrlEdits(source, limited);
  if (edits.length === 0) return edits;
  const url = { start, end, text: source };
  const [edit] = edits;
  if (edits.length === 1)
    return [{ start: start + edit!.start, end: start + edit!.end, text: edit!.text, url }];
  return edits.map((edit) => ({ start: start + edit.start, end: start + edit.end, text: edit.text, url }));
}

/**
 * Edits a value that may be one URL, or a text: every byte of a text stays.
 * @param isNamedSrcset - whether it may also be image candidates, at least one with a descriptor
 */
export function editValue(
  unescaped: UnescapedValue,
  isNamedSrcset: boolean,
  mapping: UrlMapping,
): readonly Edit[] {
  const { text } = unescaped;
  const map = mapOneUrl(mapping);
  if (isOneUrl(text)) return editUrl(unescaped, 0, text.length, map);
  if (isNamedSrcset) {
    const candidates = findSrcsetUrls(text);
    const isSrcset = candidates.every(({ start, end }) => isOneUrl(text.slice(start, end)));
    if (isSrcset && countDescribed(text, candidates)) {
      const limited = inCandidate(map);
      return candidates.flatMap(({ start, end }) => editUrl(unescaped, start, end, map, limited));
    }
  }
  return none;
}

/** A mapper for a URL in a value that may be a text. */
function mapOneUrl({ map, hasTextBehindToken }: UrlMapping): UrlMapper {
  return (url) => (hasTextBehindToken?.(url) ? undefined : map(url));
}

/** @param value - with one character per byte */
export function reportSpaceInPath(value: string, { onSpaceInPath }: UrlMapping): void {
  if (onSpaceInPath === undefined || !hasSpaceInPath(value)) return;
  const url = textOfBytes(value);
  if (url !== undefined) onSpaceInPath(url);
}

function plainUrlEdits(source: string, map: UrlMapper): readonly Edit[] {
  const url = textOfBytes(source);
  const mapped = url === undefined ? undefined : map(url);
  return url === undefined || mapped === undefined ? none : editsOf(source, url, mapped);
}

/** The edits of the image URL within an image optimizer's URL; undefined for any other URL. A nested optimizer URL stays. */
function optimizedUrlEdits(source: string, map: UrlMapper): readonly Edit[] | undefined {
  const inner = readOptimizedUrl(source);
  return inner && toSourceEdits(plainUrlEdits(inner.text, map), inner);
}

/** @param source - the bytes of `url`, one character each */
function editsOf(source: string, url: string, mapped: string): readonly Edit[] {
  if (mapped === url) return none;
  // Usually a token is appended.
  if (mapped.slice(0, url.length) === url) {
    return [{ start: source.length, end: source.length, text: bytesOfText(mapped.slice(url.length)) }];
  }
  // If removing a token leaves a space at the end, a browser would strip it and load another URL.
  const target = url.endsWith(' ') ? mapped : mapped.replace(/ $/, '%20');
  return urlEdits(source, bytesOfText(target));
}

const none: readonly Edit[] = [];

/** A mapper for `srcset`: a comma at the end of a URL would end the image candidate string before its descriptors. */
export function inCandidate(map: UrlMapper): UrlMapper {
  return (url) => {
    const mapped = map(url);
    return mapped?.endsWith(',') ? `${mapped.slice(0, -1)}%2C` : mapped;
  };
}

/** A mapper for `data-bgset`, which is a `srcset` in which a `|` before white space ends the whole set. */
export function inCandidateSet(map: UrlMapper): UrlMapper {
  const inner = inCandidate(map);
  // A URL that ends in `|` is the last one of the value, so its `|` can stay.
  return (url) => (url.endsWith('|') ? inner(url) : inner(url)?.replace(/\|$/, '%7C'));
}

/** A mapper for a list separated by semicolons. Only another variant's name could add a semicolon to a URL. */
export function inList(map: UrlMapper): UrlMapper {
  return (url) => map(url)?.replaceAll(';', '%3B');
}

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
  // A header that the app sets may contain characters above U+00FF; Node.js refuses it only later.
  if (/[^\0-\xff]/.test(bytes)) return undefined;
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  // A decoder writes U+FFFD for invalid UTF-8. A fatal decoder throws, which a stranger's bytes could trigger at will.
  return text.includes('\ufffd') && bytesOfText(text) !== bytes ? undefined : text;
}

/** UTF-8, with one character per byte. */
export function bytesOfText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
