/**
 * Splits a URL reference as it is written: offsets into the text, nothing resolved or decoded. The WHATWG parser repairs
 * a URL (`\` becomes `/`, a line feed is dropped), and so can turn another text into a URL of the delivery host. This
 * parser refuses texts that it would repair.
 */
import { BACKSLASH, COLON, DOT, HASH, isControl, QUESTION, SEMICOLON, SLASH, SPACE } from '../text/ascii.ts';
import { byteClass } from '../text/bytes.ts';

/** Offsets of the parts of a URL reference; each part ends where the next begins. */
export interface Reference {
  /** After `//`; 0 for a path-absolute reference (`/images/…`). */
  readonly authority: number;
  readonly path: number;
  /** The last `/` of the path; -1 if there is none. */
  readonly lastSlash: number;
  /** At the `?`; without a query, at the end of the path. */
  readonly query: number;
  /** At the `#`, or at the end of the text. */
  readonly fragment: number;
  /** `URL` keeps the path unchanged, and it contains no `%`, no empty segment and no dot segment. */
  readonly isPlain: boolean;
}

/** Characters that `URL` does not percent-encode in a path. `^` is missing: editions of the URL standard differ. */
const plainInPath: Uint8Array = byteClass((code) =>
  "!$&'()*+,-.0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz|~".includes(
    String.fromCharCode(code),
  ),
);

/**
 * @returns undefined unless the text is `http://…`, `https://…`, `//…` or `/…`, without a backslash or a control
 *   character, which `URL` would replace or drop
 */
export function parseReference(text: string): Reference | undefined {
  const authority = startOfAuthority(text);
  if (authority === undefined) return undefined;
  let path = authority;
  if (authority > 0) {
    for (; path < text.length; path++) {
      const code = text.charCodeAt(path);
      if (code === SLASH || code === QUESTION || code === HASH) break;
      if (code === BACKSLASH || code <= SPACE || isControl(code)) return undefined;
    }
  }
  return parseFromPath(text, authority, path);
}

/** A backslash, or a control character (C0, DEL or C1). */
const replaced = /[\0-\x1f\\\x7f-\x9f]/;

/** Parses a text whose authority and path begin at known offsets. Returns what `parseReference` does. */
export function parseFromPath(text: string, authority: number, path: number): Reference | undefined {
  const length = text.length;
  let at = path;
  let lastSlash = -1;
  let isPlain = true;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 128 && plainInPath[code] === 1) continue;
    if (code === SLASH) {
      isPlain &&= lastSlash < 0 || isPlainSegment(text, lastSlash + 1, at);
      lastSlash = at;
    } else if (code === QUESTION || code === HASH) break;
    else if (code === BACKSLASH || isControl(code)) return undefined;
    else isPlain = false;
  }
  const query = at;
  isPlain &&= lastSlash >= 0 && isPlainSegment(text, lastSlash + 1, query);
  if (query === length) return { authority, path, lastSlash, query, fragment: length, isPlain };
  if (replaced.test(text.slice(query))) return undefined;
  const fragment = text.indexOf('#', query);
  return { authority, path, lastSlash, query, fragment: fragment < 0 ? length : fragment, isPlain };
}

/** Whether a segment is neither empty nor a dot segment, whatever follows a `;` in it (`hasDotSegment`). */
function isPlainSegment(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== DOT) return end > start;
  const next = text.charCodeAt(start + 1) === DOT ? start + 2 : start + 1;
  return next < end && text.charCodeAt(next) !== SEMICOLON;
}

/** The offset after `//`; 0 for a path-absolute reference; undefined for any other text. */
export function startOfAuthority(text: string): number | undefined {
  if (text.charCodeAt(0) === SLASH) return text.charCodeAt(1) === SLASH ? 2 : 0;
  // `| 0x20` folds the case of h, t, p and s.
  if (
    (text.charCodeAt(0) | 0x20) !== 0x68 ||
    (text.charCodeAt(1) | 0x20) !== 0x74 ||
    (text.charCodeAt(2) | 0x20) !== 0x74 ||
    (text.charCodeAt(3) | 0x20) !== 0x70
  ) {
    return undefined;
  }
  const colon = (text.charCodeAt(4) | 0x20) === 0x73 ? 5 : 4;
  const isHierarchical =
    text.charCodeAt(colon) === COLON &&
    text.charCodeAt(colon + 1) === SLASH &&
    text.charCodeAt(colon + 2) === SLASH;
  return isHierarchical ? colon + 3 : undefined;
}
