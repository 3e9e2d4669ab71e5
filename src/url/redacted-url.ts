/**
 * URLs for events and messages: without tokens, without what may be a key, and without characters that could forge a
 * line of a log. Image ids stay, however random they look: an operator searches for them.
 */

import { percentDecode } from './percent-encoding.ts';
import { invisible, isSafeName, minKeyLength } from './redaction.ts';
import { isAnyTokenParameter } from './token-parameters.ts';

/** Enough for any delivery URL in use; an event should not grow with what a client sends. */
const defaultMaxLength = 1024;

/**
 * At least 40 hex digits, the length of a SHA-1 MAC; `sig` has 64. A digit may be percent-encoded, and characters may
 * stand in between that `URL` drops or that nobody sees.
 */
const macLike =
  /(?:[0-9a-f\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]|%(?:25)*(?:3\d|[46][1-6])){40,}/giu;

/**
 * Removes `exp`, `sig` and what carries a token in other schemes, in any spelling, and replaces with `…` what looks like a MAC, unless it can only be an image
 * id (often a hash of the content), and each variant, parameter and fragment that may be a key. Invisible characters are
 * escaped.
 * @param maxLength - a longer text is truncated
 */
export function redactUrl(text: string, maxLength: number = defaultMaxLength): string {
  // Redact more than is shown: the first half of a token, cut off here, would not be recognized as one.
  const begin = text.slice(0, 2 * maxLength);
  const redacted = withoutKeys(withoutMacs(withoutPathTokens(withoutTokenParameters(begin))));
  const out = escapeInvisible(redacted.slice(0, maxLength));
  const isTruncated = redacted.length > maxLength || text.length > 2 * maxLength;
  return isTruncated && !out.endsWith('…') ? `${out}…` : out;
}

/** Replaces characters that could forge a line of a log. */
export function escapeInvisible(text: string): string {
  let out = '';
  for (const character of text) {
    out += invisible.test(character) ? `\\u{${character.codePointAt(0)!.toString(16)}}` : character;
  }
  return out;
}

function withoutTokenParameters(text: string): string {
  const [head = '', ...rest] = text.split('?');
  const query = rest
    .join('?')
    .split('&')
    .filter((parameter) => parameter === '' || !isAnyTokenParameter(parameter))
    .join('&');
  return query === '' ? head : `${head}?${query}`;
}

/** Replaces the signatures of imgproxy, which stand before the options or the source. Other segments may be ids. */
function withoutPathTokens(text: string): string {
  const segments = text.split('/');
  return segments
    .map((segment, index) => {
      const next = segments[index + 1] ?? '';
      const isToken = /^[\w-]{43}$/.test(percentDecode(segment)) && isAfterSignature(next);
      return isToken ? '…' : segment;
    })
    .join('/');
}

/** An option of imgproxy, or the beginning of a source, which may be a URL in base64. */
function isAfterSignature(segment: string): boolean {
  const text = percentDecode(segment);
  return text.includes(':') || /^(?:plain$|enc$|aHR0c|czM6|Z3M6|YWJz|bG9jYWw6)/.test(text);
}

/** Replaces what looks like a MAC. */
export function withoutMacs(text: string): string {
  // A token follows a `?`, `#`, `;`, `&` or `=`, maybe percent-encoded: none of them occurs in this prefix.
  const plainLength = /^[\w.~:/@-]*/.exec(text)![0].length;
  return text.replace(macLike, (run, at: number) => {
    if (at + run.length > plainLength || !/^[0-9a-f]+$/i.test(run)) return '…';
    return isInnerSegment(text.slice(0, at), text.slice(at + run.length)) ? run : '…';
  });
}

/** A key may have been pasted in place of the variant or a parameter. The segments before are the account and the id. */
function withoutKeys(text: string): string {
  const [path = ''] = /^[^?#]*/.exec(text)!;
  const rest = text.slice(path.length).replace(/[^?#&=]+(?:=+(?=[&#]|$))?/g, redactIfLong);
  // Otherwise the whole text is an image id.
  const isUrl = path.includes('://') || path.startsWith('/');
  if (!isUrl) return path + rest;
  // A single segment is not a variant.
  return path.replace(/(?<=[^/]\/+)[^/]+(?=\/*$)/, (last) => last.replace(/[^;]+/g, redactIfLong)) + rest;
}

function redactIfLong(text: string): string {
  return text.length < minKeyLength || isSafeName(text) ? text : '…';
}

/** Whether the text is a whole segment, not the last one (a variant), and not a token in a path (`/sig/…`). */
function isInnerSegment(before: string, after: string): boolean {
  return /(?:^|\/)$/.test(before) && !/\bsig(?:nature)?\/$/i.test(before) && /^(?:\.\w{1,5})?\//.test(after);
}
