/**
 * Which object names are signed. A store that decodes a path once can deliver an object of any name, even with `#`, `?` or `%`.
 * But a server in between may decode the path again, merge or resolve its segments, or build a URL from the name. A path
 * that could then name an object in another folder is never signed.
 */
import { encodeSegment, hasDotSegment, isAbsolute } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';

/**
 * Which part of an object's name keeps its URL from being signed.
 *
 * - `dot-segment`: a segment is `.` or `..`, after one or two decodings, perhaps with a `;` and more behind it.
 * - `encoded-slash`, `backslash`: the path contains `%2F` or `%5C`, or would after another decoding.
 * - `control-character`: the path contains a percent-encoded control character.
 * - `not-utf-8`: the path's escapes are not UTF-8.
 * - `trailing-slash`: the path ends with a slash, like a folder's.
 * - `plain-names-only`: the name contains `#`, `?`, `^`, `%` before two hexadecimal digits or an empty segment, begins like a
 *   URL, or begins or ends with a space. A path of the site and a scheme with `plainNames` sign no such names.
 * - `bare-plus`: S3 and other stores read a `+` in different ways.
 * - `wildcard`: CloudFront treats a `*` in a signed URL as any text.
 * - `empty-segment`: nginx merges slashes, and Cloudflare does so before its rules see a URL.
 * - `trailing-digit`: Bunny signs the expiry directly after the path, and ImageKit directly after the query. They could read the
 *   digit as the first one of a later expiry.
 * - `more-readings`: Bunny could read the path, the query and the expiry in a second way.
 * - `edge-token-character`: the character has a special meaning in an EdgeAuth token.
 */
export type NameProblem =
  | 'dot-segment'
  | 'encoded-slash'
  | 'backslash'
  | 'control-character'
  | 'not-utf-8'
  | 'trailing-slash'
  | 'plain-names-only'
  | 'bare-plus'
  | 'wildcard'
  | 'empty-segment'
  | 'trailing-digit'
  | 'more-readings'
  | 'edge-token-character';

/** What is wrong with the URL, as a clause for after a colon, and how to fix it. */
export const nameProblems: Readonly<Record<NameProblem, readonly [what: string, fix: string]>> = {
  'dot-segment': [
    'its path has a segment that is . or .. once it is decoded, perhaps followed by a ;',
    'Write the path without that segment, or rename the object',
  ],
  'encoded-slash': [
    'its path contains %2F, or would once it is decoded',
    'Write / between folders, or pass the name as plain text to signImage(). Rename an object whose name contains the text %2F',
  ],
  backslash: [
    'its path contains a backslash (%5C), or would once it is decoded',
    'Write / between folders. Rename an object whose name contains a backslash',
  ],
  'control-character': ['its path contains a control character', 'Rename the object'],
  'not-utf-8': ['its path is not percent-encoded as UTF-8', 'Percent-encode the name as UTF-8'],
  'trailing-slash': ['its path ends with a slash', 'Remove the slash'],
  'plain-names-only': [
    'only plain names are signed here, and its name contains #, ?, ^, % before two hexadecimal digits or an empty segment, begins like a URL, or begins or ends with a space',
    'Rename the object, or deliver it from a host whose paths the site itself does not have',
  ],
  'bare-plus': ['its path contains a +, which stores read in different ways', 'Write %2B'],
  wildcard: ['its path contains a *, which CloudFront treats as a wildcard', 'Write %2A'],
  'empty-segment': [
    'its path contains an empty segment, and the server merges slashes',
    'Rename the object, or remove a slash',
  ],
  'trailing-digit': [
    'its signed part ends with a digit, which the store could read as the first digit of a later expiry',
    'Rename the object, such as 1234 to 1234.jpg. If a parameter ends with the digit, move it into the path where the store allows that',
  ],
  'more-readings': [
    'Bunny could read its path, its query and the expiry in a second way',
    'https://github.com/image-signer/image-signer/blob/main/docs/schemes/bunny.md#names-that-are-not-signed shows how to write it',
  ],
  'edge-token-character': [
    'its path contains a ~, which separates the parts of an EdgeAuth token, or a *, ? or !, which match other paths in an acl token',
    "Rename the object. With kind: 'url', only ~ is refused",
  ],
};

/** Some servers also decode escapes with a `u`. */
const encodedSlash = /%(?:u00)?2f/i;
const backslash = /\\|%(?:u00)?5c/i;

/**
 * @param path - after the base, percent-encoded as it is sent; it begins with `/`
 * @param isPlainOnly - whether a guard or another handler may build a URL from the decoded name
 */
export function nameProblemOf(path: string, isPlainOnly: boolean): NameProblem | undefined {
  if (path.endsWith('/')) return 'trailing-slash'; // servers list folders
  const name = percentDecode(path);
  if (hasDotSegment(path) || hasDotSegment(name)) return 'dot-segment';
  if (encodedSlash.test(path) || encodedSlash.test(name)) return 'encoded-slash';
  if (backslash.test(name)) return 'backslash';
  if (/[\0-\x1f\x7f-\x9f]/.test(name)) return 'control-character';
  if (!isUtf8(path, name)) return 'not-utf-8';
  return isPlainOnly && !isPlain(name.slice(1)) ? 'plain-names-only' : undefined;
}

/** Whether every segment of the name is the same in a URL and in a path. */
function isPlain(name: string): boolean {
  return name.split('/').every((segment) => encodeSegment(segment) !== undefined);
}

/**
 * Whether a handler that resolves the name against the URL of its store (`new URL(name, store)`) would read another object.
 * `URL` strips spaces from both ends.
 */
export function leadsElsewhere(name: string): boolean {
  return name.startsWith(' ') || name.endsWith(' ') || isAbsolute(name);
}

/** Decoding replaces invalid UTF-8 with U+FFFD, but a name can also contain that character. */
function isUtf8(path: string, name: string): boolean {
  if (!name.includes('\ufffd')) return true;
  return name.split('\ufffd').length === path.split(/%ef%bf%bd/i).length;
}
