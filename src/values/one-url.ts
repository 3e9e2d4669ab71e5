/**
 * Tells one URL from a text, where a value may be either: a string of JSON, a `data-*` attribute, a local of a view. A
 * person's text may begin with a URL. Read as a URL to its end, its words would be percent-encoded, or go with a token.
 */
import { maxUrlLength } from '../text/limits.ts';

/**
 * What no URL holds as it is written, its fragment included: white space, control characters, and what could be markup or
 * a quotation. U+FEFF counts as white space, as it does in JavaScript.
 */
const textOnly = /[\p{White_Space}\ufeff\p{Cc}<>"`]/u;

/** `textOnly` for bytes of UTF-8, with one character per byte. In other encodings no URL is read. */
const textOnlyBytes =
  /[\0- <>"`\x7f]|\xc2[\x80-\xa0]|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\xef\xbb\xbf/;

/** Of a longer text, nobody asks what it holds: it may be an article. */
const maxUrlBytes: number = 3 * maxUrlLength;

/** @param text - without the escapes and the white space around it that its place allows */
export function isOneUrl(text: string): boolean {
  return text.length <= maxUrlLength && !textOnly.test(text);
}

/** @param bytes - UTF-8, with one character per byte */
export function isOneUrlInBytes(bytes: string): boolean {
  return bytes.length <= maxUrlBytes && !textOnlyBytes.test(bytes);
}

/** White space that is no control character, in UTF-8. */
const spaces =
  / |\xc2\xa0|\xe1\x9a\x80|\xe2(?:\x80[\x80-\x8a\xa8\xa9\xaf]|\x81\x9f)|\xe3\x80\x80|\xef\xbb\xbf/g;

/**
 * Whether the value would be one URL but for white space in its path, as in the name of a file that a person chose.
 * @param bytes - as in `isOneUrlInBytes`
 */
export function hasSpaceInPath(bytes: string): boolean {
  if (bytes.length > maxUrlBytes) return false;
  const query = bytes.search(/[?#]/);
  const path = query < 0 ? bytes : bytes.slice(0, query);
  const written = path.replace(spaces, '');
  return written.length < path.length && isOneUrlInBytes(written + bytes.slice(path.length));
}
