/**
 * Which names of objects a URL may have. A store that decodes a path once can be asked for any name, `#`, `?` and `%`
 * included. A server in between may decode the path again, merge or resolve its segments, or build a URL out of the
 * name: a path that could then name an object in another folder is never signed.
 */
import { encodeSegment, isAbsolute } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';

/**
 * Why a URL is not signed for the name of its object.
 *
 * - `dot-segment`: a segment is `.` or `..`, after one or two decodings.
 * - `encoded-slash`, `backslash`: it holds `%2F` or `%5C`, or would after a decoding.
 * - `control-character`: it holds a control character, percent-encoded.
 * - `not-utf-8`: its escapes are not UTF-8.
 * - `trailing-slash`: it ends with a slash, as that of a folder does.
 * - `plain-names-only`: it holds `#`, `?`, `^`, `%` before two hexadecimal digits, or an empty segment, or begins or ends
 *   like no name. A base that is a path of the site does not take that, nor does a scheme with `plainNames`.
 * - `bare-plus`: S3 and other stores read a `+` in different ways.
 * - `wildcard`: CloudFront takes a `*` in a signed URL for any text.
 * - `empty-segment`: nginx merges slashes, and so does Cloudflare before its rules see a URL.
 * - `trailing-digit`: Bunny signs the expiry right behind the path, and ImageKit right behind the query. They read the digit as
 *   the first one of a later expiry.
 * - `more-readings`: Bunny could read the path, the query and the expiry in another way.
 * - `edge-token-character`: an EdgeAuth token gives the character a meaning of its own.
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

/** What is wrong with the URL, after "its name" or "the URL", and how to fix it. */
export const nameProblems: Readonly<Record<NameProblem, readonly [what: string, fix: string]>> = {
  'dot-segment': [
    'a segment of its path is . or .. once it is decoded',
    'Write the path without them, or rename the object',
  ],
  'encoded-slash': [
    'its path holds %2F, or would once it is decoded',
    'Write / between folders, or pass the name as plain text to signImage(). An object whose name holds the text %2F has to be renamed',
  ],
  backslash: [
    'its path holds a backslash (%5C), or would once it is decoded',
    'Write / between folders. An object whose name holds a backslash has to be renamed',
  ],
  'control-character': ['its path holds a control character', 'Rename the object'],
  'not-utf-8': ['its path is not percent-encoded as UTF-8', 'Percent-encode the name as UTF-8'],
  'trailing-slash': ['its path ends with a slash', 'Remove the slash'],
  'plain-names-only': [
    'its name holds #, ?, ^, % before two digits, or an empty segment, or begins like a URL, or begins or ends with a space, where only plain names are signed',
    'Rename the object, or deliver it from a host whose paths the site does not have itself',
  ],
  'bare-plus': ['its path holds a +, which is read in different ways', 'Write %2B'],
  wildcard: ['its path holds a *, which CloudFront takes for any text', 'Write %2A'],
  'empty-segment': [
    'its path holds an empty segment, and the server merges slashes',
    'Rename the object, or remove a slash',
  ],
  'trailing-digit': [
    'what is signed of it ends with a digit, which the store could read as the first one of a later expiry',
    'Rename the object, such as 1234.jpg for 1234; a parameter that ends with the digit can go into the path where the store takes it there',
  ],
  'more-readings': [
    'Bunny could read its path, its query and the expiry in another way',
    'https://github.com/image-signer/image-signer/blob/main/docs/schemes/bunny.md#names-that-are-not-signed says how to write it',
  ],
  'edge-token-character': [
    'its path holds a ~, which separates the parts of an EdgeAuth token, or one of *, ? and !, which mean other paths in an acl token',
    "Rename the object. With kind: 'url' only a ~ is refused",
  ],
};

/** Some servers also know escapes with a `u`. */
const encodedSlash = /%(?:u00)?2f/i;
const backslash = /\\|%(?:u00)?5c/i;

/**
 * @param path - after the base, percent-encoded as it is sent; it begins with `/`
 * @param isPlainOnly - whether a guard or another handler may build a URL out of the decoded name
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

/** Whether each segment of the name is the same in a URL and in a path. */
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

/** Decoding puts U+FFFD in the place of what is not UTF-8; a name may also hold that character. */
function isUtf8(path: string, name: string): boolean {
  if (!name.includes('\ufffd')) return true;
  return name.split('\ufffd').length === path.split(/%ef%bf%bd/i).length;
}

/**
 * Whether a segment of the path is `.` or `..`, percent-encoded or not, also with something behind it that servers drop.
 * Servlet containers drop what follows a `;`, and resolve `uploads/..;/private/a.jpg` as `private/a.jpg`. To a server that
 * parses a decoded path as a URL, `..?` and `..#` end with a dot segment.
 */
export function hasDotSegment(path: string): boolean {
  // Usually no segment begins like one, and this is faster than the expression.
  if (!/^[.%]/.test(path) && !path.includes('/.') && !path.includes('/%')) return false;
  return /(?:^|\/)(?:\.|%(?:u00)?2e){1,2}(?:[;?#]|%3b|%3f|%23|\/|$)/i.test(path);
}
