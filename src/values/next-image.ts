/**
 * The URL inside a URL of Next.js' image optimizer, `/_next/image?url=<escaped URL>&w=640&q=75` (Next.js, `next/image`, the
 * default loader). It reads only what has one meaning for every reader, and fetches nothing.
 */
import { isHexDigit, PERCENT, SLASH } from '../text/ascii.ts';
import type { UnescapedValue } from '../text/edit.ts';

/** Part of every URL that is read here. */
export const optimizerMarker = '/_next/image';
/**
 * The site's `basePath` and the optimizer's own path; with `trailingSlash`, a slash follows. It begins with one slash: a stranger's
 * URL with a host would give a viewer's token to that host. Without dots, no segment is `..`.
 */
const optimizerPath = /^(?:\/[\w~-]+)*\/_next\/image\/?$/;
/** Characters that every parser of queries reads as themselves. A `+` may be a space, a backslash a slash. */
const plainText = /^[!-*,-[\]-~]*$/;

/**
 * @param text - a URL, with one character per byte
 * @returns the value of its parameter `url` without percent-encoding; undefined unless the text is a URL of the optimizer
 *   with exactly one such parameter
 */
export function readOptimizedUrl(text: string): UnescapedValue | undefined {
  if (text.charCodeAt(0) !== SLASH || !text.includes(optimizerMarker) || !plainText.test(text))
    return undefined;
  const query = text.indexOf('?');
  if (query < 0 || !optimizerPath.test(text.slice(0, query))) return undefined;
  const hash = text.indexOf('#');
  const end = hash < 0 ? text.length : hash;
  let found: { readonly start: number; readonly end: number } | undefined;
  for (let at = query + 1; at <= end; ) {
    const ampersand = text.indexOf('&', at);
    const next = ampersand < 0 || ampersand > end ? end : ampersand;
    const [name = ''] = text.slice(at, next).split('=', 1);
    if (name === 'url' && found === undefined) found = { start: at + name.length + 1, end: next };
    else if (mayBeUrl(name)) return undefined; // readers differ about which of two counts
    at = next + 1;
  }
  return found && unescapePercent(text.slice(found.start, found.end), found.start);
}

/** Whether some reader takes this for the name `url`, or `url[]`: percent-encoded, or as an item of an array. */
function mayBeUrl(name: string): boolean {
  return name.includes('%') || name.startsWith('url');
}

/** @returns undefined if a `%` is not followed by two hex digits: readers differ about it */
function unescapePercent(source: string, start: number): UnescapedValue | undefined {
  let text = '';
  const offsets: number[] = [];
  for (let at = 0; at < source.length; at++) {
    offsets.push(start + at);
    if (source.charCodeAt(at) !== PERCENT) {
      text += source[at]!;
      continue;
    }
    if (!isHexDigit(source.charCodeAt(at + 1)) || !isHexDigit(source.charCodeAt(at + 2))) return undefined;
    text += String.fromCharCode(Number.parseInt(source.slice(at + 1, at + 3), 16));
    at += 2;
  }
  offsets.push(start + source.length);
  return { text, start, offsets, isOpenBefore: () => false, escape: escapePercent };
}

function escapePercent(text: string): string {
  return text.replace(
    /[^\w.~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
