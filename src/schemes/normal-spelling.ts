/**
 * The normal spelling of a part of a URL (RFC 3986, 6.2.2.1 and 6.2.2.2): escapes in upper case, and only where needed.
 * It works on bytes: an escape that is not UTF-8 keeps its byte.
 */
import { isHexDigit, PERCENT } from '../text/ascii.ts';
import { hexValue } from '../url/percent-encoding.ts';

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

/** The escape of each byte. */
const escapes: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
);

/** The normal spelling of the escape of each byte. */
const respelled: readonly string[] = escapes.map((written, byte) => {
  const character = String.fromCharCode(byte);
  return unreserved.includes(character) ? character : written;
});

/**
 * Makes a function that decodes escapes of unreserved characters (letters, digits, `-._~`), writes other escapes in upper
 * case, and encodes every other character.
 * @param kept - further ASCII characters that stay as they are, without `%`
 * @param plus - the replacement for a `+`, unless it is kept
 */
export function normalSpelling(kept: string, plus = '%2B'): (text: string) => string {
  const spelled = escapes.with('+'.charCodeAt(0), plus);
  const isPlain = new Uint8Array(128);
  for (const character of `${unreserved}${kept}`) isPlain[character.charCodeAt(0)] = 1;
  const other = new RegExp(`[^${`${unreserved}${kept}`.replace(/[\]\\^-]/g, '\\$&')}]`);
  return (text) => {
    const first = text.search(other); // usually there is none, and this is the fastest way to find out
    if (first < 0) return text;
    let written = '';
    let done = 0;
    for (let at = first; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code < 128 && isPlain[code] === 1) continue;
      const isEscaped = code === PERCENT && isEscape(text, at);
      // A scheme's URLs are ASCII.
      written += text.slice(done, at) + (isEscaped ? respelled[byteAt(text, at + 1)]! : spelled[code]!);
      if (isEscaped) at += 2;
      done = at + 1;
    }
    return written + text.slice(done);
  };
}

function isEscape(text: string, at: number): boolean {
  return isHexDigit(text.charCodeAt(at + 1)) && isHexDigit(text.charCodeAt(at + 2));
}

/** @param at - offset of two hexadecimal digits */
function byteAt(text: string, at: number): number {
  return (hexValue(text.charCodeAt(at)) << 4) | hexValue(text.charCodeAt(at + 1));
}
