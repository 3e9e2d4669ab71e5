/**
 * The canonical form of a path and a query: the only definition of what the MAC is computed over, for signer and
 * verifier. Each path has exactly one accepted spelling: otherwise the guard could check one image, and the file server
 * behind it could send another.
 */

/** Everything that the path percent-encode set holds (URL standard, 1.3), and `%` itself; runs of it at once. */
const mustBeEncoded = /[^!$&'()*+,\-.0-9:;=@A-Z[\]_a-z|~]+/gu;

/** A text whose escapes are in upper case and stand for valid UTF-8 (The Unicode Standard, table 3-7). */
const wellEncoded =
  /^(?:[^%]|%[0-7][\dA-F]|%(?:C[2-9A-F]|D[\dA-F]|(?:E0%[AB]|E[1-9A-CEF]%[89AB]|ED%[89])[\dA-F]|(?:F0%[9AB]|F[1-3]%[89AB]|F4%8)[\dA-F]%[89AB][\dA-F])%[89AB][\dA-F])*$/;

/** Control characters, and characters that a handler or `URL` may reinterpret. */
const refused = /[\0-\x1f\x7f-\x9f/\\^?#]|%[\da-f]{2}/i;

/**
 * Percent-encodes a text as a path segment, as WHATWG `URL` does, and `%` as `%25`.
 * @returns undefined for a text that cannot be a segment. It is empty, a dot segment, or contains a `/`, a `\`, a control
 *   character, a lone surrogate, or a `^`, which editions of the URL standard encode differently. A `?`, a `#` and a `%`
 *   before two hexadecimal digits are refused as well: a handler that puts the decoded text into a URL would ask for
 *   another path.
 */
export function encodeSegment(text: string): string | undefined {
  const isDots = /^[.%]/.test(text) && hasDotSegment(text);
  if (text === '' || isDots || !text.isWellFormed() || refused.test(text)) return undefined;
  return percentEncode(text);
}

/**
 * Percent-encodes a text as WHATWG `URL` does in a path, and `%`, `/`, `?`, `#`, `\` and `^` as well.
 * @param text - without lone surrogates
 */
export function percentEncode(text: string): string {
  return text.replace(mustBeEncoded, encodeURIComponent);
}

/** Characters that `URL` may change in a path without dot segments. Editions of the standard differ about `^`. */
const changedInPath = /[^!$-;=@-[\]_a-z|~]/;

/** Whether the escapes of a path may be canonical. What `URL` percent-encodes does not count. */
export function isWellEncoded(path: string): boolean {
  return wellEncoded.test(path);
}

/** Percent-decodes a segment. @returns undefined if the segment is not the canonical spelling of its text */
export function decodeSegment(segment: string): string | undefined {
  // Test this first, because an exception takes longer than a signature.
  if (!wellEncoded.test(segment)) return undefined;
  const text = segment.includes('%') ? decodeURIComponent(segment) : segment;
  return encodeSegment(text) === segment ? text : undefined;
}

/**
 * Whether an image id begins like a URL with a scheme, or like a path with a drive letter. A handler that resolves such
 * an id against the URL of its store (`new URL(id, store)`) would read from elsewhere. In a `file:` URL `C|` is a drive
 * letter like `C:` (URL standard, "Windows drive letter").
 */
export function isAbsolute(id: string): boolean {
  return /^(?:(?:[a-z]|https?|wss?|ftp|file|data|blob):|[a-z]\|(?:\/|$))/i.test(id);
}

/**
 * Serializes a path as `URL` does: it percent-encodes what is not ASCII and a few ASCII characters.
 * @param path - begins with `/`, and contains no `\`, control character or dot segment, which `URL` would change
 */
export function serializePath(path: string): string {
  if (!changedInPath.test(path)) return path; // parsing a URL takes as long as signing it
  // `URL` strips spaces from the end of its input. The `?` keeps those at the end of the path.
  return new URL(`http://host${path}?`).pathname;
}

/**
 * Whether a segment of the path is `.` or `..`, percent-encoded or not, even with a suffix that servers drop.
 * Servlet containers drop what follows a `;`, and resolve `uploads/..;/private/a.jpg` as `private/a.jpg`. To a server that
 * parses a decoded path as a URL, `..?` and `..#` end with a dot segment, and tabs and line ends within it disappear.
 * @param path - as written, or decoded once: then a server that decodes twice is covered too
 */
export function hasDotSegment(path: string): boolean {
  // Usually no segment begins with a dot, and this test is faster than the expression.
  if (!/^[.%]/.test(path) && !path.includes('/.') && !path.includes('/%')) return false;
  const text = path.replaceAll(/%(?:u00)?0[9ad]/gi, '');
  return /(?:^|\/)(?:\.|%(?:u00)?2e){1,2}(?:[;?#]|%(?:u00)?(?:3b|3f|23)|\/|$)/i.test(text);
}
