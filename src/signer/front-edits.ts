/** The edit that puts a scheme's own base in the place of one that a URL is stored under, in any text. */
import type { BoundScheme } from '../schemes/bound.ts';
import type { UnderFrom } from '../schemes/from.ts';
import type { Edit } from '../text/edit.ts';
import { EscapedUrlReader } from '../values/escaped-url.ts';
import { isWithinUrl, type UrlStart } from './url-starts.ts';

/**
 * @param path - the URL up to its query, as a browser would write it
 * @param stored - where the base ends in it
 * @returns undefined for what is no image
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

/** Below a path of the site there may be anything, and the same path of another host is that host's own. */
function isImageOfSite(text: string, start: UrlStart, path: string, scheme: BoundScheme): boolean {
  const isOther = start.isElsewhere || scheme.isUnsure(path) || typeof scheme.resolve(path) !== 'object';
  return !isOther && !isWithinUrl(text, start.at);
}

/** @param length - of the base in the URL as a browser would write it, where a base is ASCII */
function endOfBase(text: string, { from, prefix, percentDepth }: UrlStart, length: number): number {
  const reader = new EscapedUrlReader(text, percentDepth);
  let at = from;
  for (let read = prefix.length; read < length && reader.read(at); read++) at = reader.next;
  return at;
}
