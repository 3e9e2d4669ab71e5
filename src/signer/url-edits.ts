/**
 * The edits for one delivery URL in a text: the scheme's own base in front, and the token removed if only the scheme's `strip`
 * knows where it is.
 */
import type { BoundScheme } from '../schemes/bound.ts';
import type { UnderFrom } from '../schemes/from.ts';
import type { Edit } from '../text/edit.ts';
import { tokenLength } from '../url/token-parameters.ts';
import { EscapedUrlReader } from '../values/escaped-url.ts';
import { isWithinUrl, type UrlStart } from './url-starts.ts';

/**
 * Replaces the base under which the URL is stored with the scheme's own.
 * @param path - the URL up to its query, as a browser would write it
 * @param stored - where the base ends in it
 * @returns undefined for a URL of the site that isn't an image
 */
export function frontEdits(
  text: string,
  start: UrlStart,
  path: string,
  stored: UnderFrom,
  scheme: BoundScheme,
): readonly Edit[] | undefined {
  const { front, at, from, prefix, percentDepth } = start;
  if (prefix === '' && !isImageOfSite(text, start, path, scheme)) return undefined;
  if (front === undefined) return [];
  const { firstBase } = scheme;
  const isBare = prefix !== '' && at === from; // as programs show an address in a link
  let base = isBare ? `${firstBase.authority ?? ''}${firstBase.path}` : firstBase.text;
  for (let depth = 0; depth < percentDepth; depth++) base = encodeURIComponent(base);
  return [{ start: front, end: endOfBase(text, start, stored.end), text: base }];
}

/** A path of the site may contain anything, and the same path under another host belongs to that host. */
function isImageOfSite(text: string, start: UrlStart, path: string, scheme: BoundScheme): boolean {
  const isOther = start.isElsewhere || scheme.isUnsure(path) || !scheme.signs(path);
  return !isOther && !isWithinUrl(text, start.at);
}

/** @param length - of the base in the URL as a browser would write it, where a base is ASCII */
function endOfBase(text: string, { from, prefix, percentDepth }: UrlStart, length: number): number {
  const reader = new EscapedUrlReader(text, percentDepth);
  let at = from;
  for (let read = prefix.length; read < length && reader.read(at); read++) at = reader.next;
  return at;
}

/** Returns a URL without its token; undefined for a text that isn't a URL of the scheme. */
type Strip = (url: string) => string | undefined;

/**
 * Removes the token. It knows no text around the URL.
 * @param url - in ASCII, with everything up to the next space
 * @param foreign - offset of the first character that was not ASCII, or a bar; -1 if there is none
 */
export function strippedEdits(url: string, foreign: number, strip: Strip): readonly Edit[] {
  // Words after it may be too much for one URL, or look like a part of it: try less.
  for (const end of [endOfToken(url, foreign), url.length, foreign, url.indexOf('://', 2)]) {
    const edits = end < 0 ? [] : editsOf(url.slice(0, end), strip);
    if (edits.length > 0) return edits;
  }
  return [];
}

/** A value as long as a signature, and then a character that no token contains. */
const tokenAndMore = /^[^=]*=([\w%+/~-]{14}[\w%+/=:;.~-]*)[^\w%+/=:;.~-]/;

/** Where a token may end that more than parameters follow; -1 if there is none. */
function endOfToken(url: string, foreign: number): number {
  const { path, parameters = [] } = partsOf(foreign < 0 ? url : url.slice(0, foreign));
  let end = path.length;
  for (const parameter of parameters) {
    const start = end + 1; // after its separator
    end = start + parameter.length;
    const match = tokenAndMore.exec(parameter);
    if (match !== null) return start + match[0].length - 1;
  }
  return foreign > path.length ? foreign : -1;
}

function editsOf(url: string, strip: Strip): readonly Edit[] {
  const stripped = strip(url);
  if (stripped === undefined || stripped === url) return [];
  const from = partsOf(url);
  const to = partsOf(stripped);
  const path = differenceOf(from.path, to.path);
  return [...(path === undefined ? [] : [path]), ...queryEdits(url, from, to)];
}

interface Parts {
  readonly path: string;
  /** Undefined without a query. */
  readonly parameters: readonly string[] | undefined;
}

function partsOf(url: string): Parts {
  const [whole = ''] = url.split('#', 1);
  const question = whole.indexOf('?');
  if (question < 0) return { path: whole, parameters: undefined };
  return { path: whole.slice(0, question), parameters: whole.slice(question + 1).split('&') };
}

/** One edit between two texts, without their common beginning and end. */
function differenceOf(from: string, to: string): Edit | undefined {
  if (from === to) return undefined;
  const shorter = Math.min(from.length, to.length);
  let start = 0;
  while (start < shorter && from[start] === to[start]) start++;
  let common = 0;
  while (common < shorter - start && from.at(-1 - common) === to.at(-1 - common)) common++;
  return { start, end: from.length - common, text: to.slice(start, to.length - common) };
}

/** Every removed parameter takes a separator along. The last one is removed as far as it may be a token. */
function queryEdits(url: string, from: Parts, to: Parts): Edit[] {
  const { path, parameters = [] } = from;
  if (parameters.every((parameter) => parameter === '')) return []; // a question mark, of a sentence
  const edits: Edit[] = [];
  const kept = to.parameters ?? [];
  let next = 0;
  let end = path.length;
  for (const parameter of parameters) {
    const start = end + 1; // after its separator
    end = start + parameter.length;
    if (parameter === kept[next]) {
      // The separator before the first that stays is the `?`.
      if (next === 0 && start > path.length + 1) edits.push({ start: path.length + 1, end: start, text: '' });
      next++;
    } else if (next > 0) edits.push({ start: start - 1, end, text: '' });
  }
  if (next < kept.length) return []; // `strip` changed more than the token
  const last = parameters.at(-1);
  if (last === undefined) return edits;
  if (next === 0) edits.push({ start: path.length, end, text: '' });
  const cut = edits.at(-1);
  if (cut?.end !== end || end < url.length) return edits;
  const value = last.slice(last.indexOf('=') + 1);
  const length = tokenLength(last.slice(0, last.indexOf('=')), value, false);
  return [...edits.slice(0, -1), { ...cut, end: end - value.length + length }];
}
