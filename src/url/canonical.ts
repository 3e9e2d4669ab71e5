/**
 * THE signed string: the only definition of what goes into the MAC, for signer and verifier alike, and of which
 * paths may be signed at all. A path that could be spelled in two ways would be one image for the guard and
 * another for the file server behind it, so exactly one spelling of each is accepted.
 */
import { isControl } from '../ascii.ts';

/**
 * The one spelling of a path segment that holds this text: as WHATWG `URL` encodes it, with `%` as `%25`.
 * @returns undefined for what no segment may hold: nothing, `.`, `..`, a `/`, `\` or `^` (editions of the URL
 *   standard write it differently), a control character, half of a surrogate pair
 */
export function encodeSegment(text: string): string | undefined {
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isControl(code) || code === 0x2f || code === 0x5c || code === 0x5e) return undefined;
  }
  return writePath(`/${text.replaceAll('%', '%25').replaceAll('?', '%3F').replaceAll('#', '%23')}`).slice(1);
}

/** The text of a segment, or undefined where the segment is not the one spelling of it. */
export function decodeSegment(segment: string): string | undefined {
  let text: string;
  try {
    text = decodeURIComponent(segment);
  } catch {
    return undefined; // a `%` without two hex digits, or bytes that are not UTF-8
  }
  return encodeSegment(text) === segment ? text : undefined;
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

/** The query that is signed: the parameters in their order as `URLSearchParams` writes them, then `exp`. */
export function writeQuery(query: string, exp: number): string {
  if (query === '') return `exp=${exp}`;
  // By way of `URL`, as the documented Worker does it: on text that is not ASCII beside stray percent signs,
  // `URLSearchParams` alone writes something else in Node 20. The `#` keeps a space at the query's end.
  const parameters = new URL(`http://host/?${withEqualsSigns(query)}#`).searchParams;
  // In one go: `delete` moves what follows anew for each parameter of the name, and there may be thousands.
  const kept = [...parameters].filter(([name]) => name !== 'exp' && name !== 'sig');
  return new URLSearchParams([...kept, ['exp', String(exp)]]).toString();
}

/**
 * The same parameters, each with its `=`: for one that has none Node.js 24 and 26 look through all that follows it,
 * so that thousands of them would take time that grows with their square.
 */
function withEqualsSigns(query: string): string {
  const parameters = query.split('&');
  return parameters.map((each) => (each === '' || each.includes('=') ? each : `${each}=`)).join('&');
}

/**
 * What the MAC is taken of.
 * @param path - `/<account hash>/<image id>/<variant>`; the base is never in it
 * @see Cloudflare Images, "Serve private images using signed URL tokens"
 */
export function signedString(path: string, query: string): string {
  return `${path}?${query}`;
}
