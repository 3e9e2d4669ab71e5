/** Swaps one URL of a value for what a mapper makes of it; what both have in common keeps the author's spelling. */
import { isWhitespace } from '../ascii.ts';
import { type Edit, moveEdit } from '../edit.ts';
import type { UnescapedValue } from '../unescaped-value.ts';
import { urlEdits } from '../url/edits.ts';

/** @returns the URL to put in its place; undefined leaves it alone */
export type UrlMapper = (url: string) => string | undefined;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns the edits of the unescaped's text; none where nothing changes */
export function editUrl(
  unescaped: UnescapedValue,
  start: number,
  end: number,
  map: UrlMapper,
): readonly Edit[] {
  const written = unescaped.text.slice(start, end);
  const url = textOfBytes(written);
  const mapped = url === undefined ? undefined : map(url);
  if (url === undefined || mapped === undefined || mapped === url) return none;
  // A token mostly is put behind what stays as it was.
  if (mapped.slice(0, url.length) === url) {
    return [{ start: end, end, text: bytesOfText(mapped.slice(url.length)) }];
  }
  // A space that stood within the URL would be trimmed at its end.
  const whole = url.endsWith(' ') ? mapped : mapped.replace(/ $/, '%20');
  return urlEdits(written, bytesOfText(whole)).map((edit) => moveEdit(edit, start));
}

const none: readonly Edit[] = [];

/** The same for URLs of a `srcset`: a comma at the end of one would end its candidate, before the descriptors. */
export function inCandidate(map: UrlMapper): UrlMapper {
  return (url) => map(url)?.replace(/,$/, '%2C');
}

/** The value without white space at its ends, as a browser takes a URL out of an attribute. */
export function trimmedSpan(text: string): { start: number; end: number } {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return { start, end };
}

/** A character per byte -> text; undefined for what is not UTF-8, and so in an encoding that is not known here. */
function textOfBytes(bytes: string): string | undefined {
  if (isAscii(bytes)) return bytes;
  // In a header field that Node.js has yet to refuse a character may be no byte.
  if (/[^\0-\xff]/.test(bytes)) return undefined;
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}

function bytesOfText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
