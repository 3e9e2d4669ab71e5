/** Swaps one URL of a value for what a mapper makes of it; what both have in common keeps the author's spelling. */
import { isWhitespace } from '../ascii.ts';
import type { Edit, Layer } from '../layer.ts';

/** @returns the URL to put in its place; undefined leaves it alone */
export type UrlMapper = (url: string) => string | undefined;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns the edit of the layer's text, or undefined where nothing changes */
export function editUrl(layer: Layer, start: number, end: number, map: UrlMapper): Edit | undefined {
  const written = layer.text.slice(start, end);
  const url = textOfBytes(written);
  if (url === undefined) return undefined;
  const mapped = map(url);
  if (mapped === undefined || mapped === url) return undefined;
  // A token mostly is put behind what stays as it was.
  if (mapped.slice(0, url.length) === url) {
    return { start: end, end, text: bytesOfText(mapped.slice(url.length)) };
  }

  const bytes = bytesOfText(mapped);
  const shorter = Math.min(written.length, bytes.length);
  let prefix = 0;
  while (prefix < shorter && written.charCodeAt(prefix) === bytes.charCodeAt(prefix)) prefix++;
  let suffix = 0;
  while (
    suffix < shorter - prefix &&
    written.charCodeAt(written.length - 1 - suffix) === bytes.charCodeAt(bytes.length - 1 - suffix)
  ) {
    suffix++;
  }
  return { start: start + prefix, end: end - suffix, text: bytes.slice(prefix, bytes.length - suffix) };
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
