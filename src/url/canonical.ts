/**
 * THE signed string: the only definition of what goes into the MAC, for signer and verifier alike, and of which
 * paths may be signed at all. A path that could be spelled in two ways would be one image for the guard and
 * another for the file server behind it, so exactly one spelling of each is accepted.
 */
import { BACKSLASH, CARET, HASH, isControl, isHexDigit, PERCENT, QUESTION, SLASH } from '../ascii.ts';
import { formDecode, percentDecode } from './percent-encoding.ts';

/** What `URL` percent-encodes in a path, and `%` itself. */
const encoded = /[^!$&'()*+,\-.0-9:;=@A-Z[\]_a-z|~]/gu;

/**
 * The one spelling of a path segment that holds this text: as WHATWG `URL` encodes it, with `%` as `%25`.
 * @returns undefined for what no segment may hold: nothing, `.`, `..`, a `/`, `\` or `^` (editions of the URL
 *   standard write it differently), a control character, half of a surrogate pair; and for what would be another path
 *   once a handler puts the decoded text into a URL: a `?`, a `#`, a `%` before two hexadecimal digits
 */
export function encodeSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isControl(code) || code === SLASH || code === BACKSLASH || code === CARET) return undefined;
    if (code === QUESTION || code === HASH) return undefined;
    if (code === PERCENT && isHexDigit(text.charCodeAt(i + 1)) && isHexDigit(text.charCodeAt(i + 2)))
      return undefined;
  }
  return text.replace(encoded, encodeURIComponent);
}

/** The text of a segment, or undefined where the segment is not the one spelling of it. */
export function decodeSegment(segment: string): string | undefined {
  const text = percentDecode(segment); // what is no UTF-8 is spelled in another way afterwards
  return encodeSegment(text) === segment ? text : undefined;
}

/**
 * Whether an id begins as a URL with a scheme, or as a path with a drive, does: a handler that resolves it against the
 * address of its store (`new URL(id, store)`) would ask for something else. In a `file:` URL `C|` is a drive as `C:` is
 * (URL standard, "Windows drive letter").
 */
export function isAbsolute(id: string): boolean {
  return /^(?:(?:[a-z]|https?|wss?|ftp|file|data|blob):|[a-z]\|(?:\/|$))/i.test(id);
}

/**
 * A path as `URL` writes it: what is not ASCII, and a few ASCII characters, percent-encoded; the rest as it is.
 * @param path - begins with `/`; free of `\`, control characters and dot segments, which `URL` would resolve
 */
export function writePath(path: string): string {
  // The `?` keeps a space at the path's end, which `URL` would strip from the end of the whole.
  return new URL(`http://host${path}?`).pathname;
}

/** Whether a segment, as written, is one that `URL` would resolve away: `.` or `..`, each dot maybe as `%2e`. */
export function isDotSegment(segment: string): boolean {
  return segment.length <= 6 && /^(?:\.|%2e){1,2}$/i.test(segment);
}

/**
 * The query that is signed: the parameters in their order as `URLSearchParams` writes them, then `exp`. They are read
 * here and not by it, which takes 20 microseconds for each that holds a stray `%`, and in Node.js 24 and 26 a time that
 * grows with the square of their number.
 */
export function writeQuery(query: string, exp: number): string {
  if (query === '') return `exp=${exp}`;
  const written = new URLSearchParams();
  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const name = formDecode(equals < 0 ? parameter : parameter.slice(0, equals));
    if (name === 'exp' || name === 'sig') continue;
    written.append(name, equals < 0 ? '' : formDecode(parameter.slice(equals + 1)));
  }
  written.append('exp', String(exp));
  return written.toString();
}

/**
 * What the MAC is taken of.
 * @param path - `/<account hash>/<image id>/<variant>`; the base is never in it
 * @see Cloudflare Images, "Serve private images using signed URL tokens"
 */
export function signedString(path: string, query: string): string {
  return `${path}?${query}`;
}
