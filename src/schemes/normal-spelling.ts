/**
 * One spelling for a part of a URL (RFC 3986, 6.2.2.1 and 6.2.2.2): escapes in upper case, and only where they are needed.
 * It works on bytes: an escape that is not UTF-8 stays the byte that it is.
 */
import { isHexDigit, PERCENT } from '../ascii.ts';

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

/**
 * Makes a function that decodes escapes of unreserved characters (letters, digits, `-._~`), writes other escapes in upper
 * case, and encodes every other character.
 * @param kept - further ASCII characters that stay as they are; `%` is not one
 */
export function normalSpelling(kept: string): (text: string) => string {
  const isPlain = new Uint8Array(128);
  for (const character of `${unreserved}${kept}`) isPlain[character.charCodeAt(0)] = 1;
  return (text) => {
    let written = '';
    let done = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code < 128 && isPlain[code] === 1) continue;
      const escaped = code === PERCENT && isEscape(text, at) ? text.slice(at, at + 3) : undefined;
      written += text.slice(done, at) + (escaped === undefined ? encode(code) : respell(escaped));
      if (escaped !== undefined) at += 2;
      done = at + 1;
    }
    return done === 0 ? text : written + text.slice(done);
  };
}

function isEscape(text: string, at: number): boolean {
  return isHexDigit(text.charCodeAt(at + 1)) && isHexDigit(text.charCodeAt(at + 2));
}

function respell(escaped: string): string {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return unreserved.includes(character) ? character : escaped.toUpperCase();
}

/** @param code - of an ASCII character: URLs of schemes hold no other */
function encode(code: number): string {
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}
