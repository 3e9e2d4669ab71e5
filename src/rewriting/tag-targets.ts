/** What an attribute holds: for some, the element and its other attributes decide, for others the value itself. */
import { type Attribute, findAttribute, isName, unescapeValue } from '../html/attribute-reader.ts';
import { countDescribed, findSrcsetUrls, isOneUrl } from '../values/urls.ts';
import { reportSpaceInPath, trimmedSpan } from './edit-url.ts';
import type { UrlMapping } from './rewriter-options.ts';
import {
  type DataKind,
  type ExtraTargets,
  isImageMeta,
  kindOfData,
  type TargetKind,
  targetOf,
  targetOfAnimation,
  targetOfImage,
} from './targets.ts';

/** A start tag in a page. */
export interface StartTag {
  readonly bytes: Buffer;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly attributes: readonly Attribute[];
}

/** @param name - the attribute's, in lower case */
export function targetInTag(
  tag: StartTag,
  name: string,
  extra: ExtraTargets,
): TargetKind | DataKind | undefined {
  if (name === 'content' && isNamed(tag, 'meta') && isImageMetaTag(tag)) return 'url';
  const animated = targetOfAnimation(name);
  if (animated !== undefined && isHrefAnimation(tag)) return animated;
  const target = targetOf(name, extra);
  if (target !== undefined || name !== 'image') return target;
  return targetOfImage((element) => isNamed(tag, element));
}

/**
 * What the value of a `data-*` attribute holds, which may also be a person's text.
 * @param value - without its character references
 * @returns undefined for a text
 */
export function targetOfData(kind: DataKind, value: string, mapping: UrlMapping): TargetKind | undefined {
  if (kind === 'data-srcset')
    return countDescribed(value, findSrcsetUrls(value)) === undefined ? undefined : 'srcset';
  const target = kindOfData(value);
  if (target !== 'url') return target;
  const { start, end } = trimmedSpan(value);
  const own = value.slice(start, end);
  if (isOneUrl(own)) return 'url';
  reportSpaceInPath(own, mapping);
  return undefined;
}

/** Elements whose `src` or `href` names a page or a program, and an image at most as well. */
const linkElements = ['a', 'area', 'base', 'embed', 'frame', 'iframe', 'object', 'script'];

/** Whether an attribute that holds a URL names an image wherever a site has nothing else to say. A `link` may be anything. */
export function isImagePlace(tag: StartTag): boolean {
  if (isNamed(tag, 'link')) {
    const names = (readValue(tag, 'rel') ?? '').toLowerCase();
    const isPreload = (readValue(tag, 'as') ?? '').trim().toLowerCase() === 'image';
    return isPreload || /(?:icon|image|image_src)(?:[\t\n\f\r ]|$)/.test(names);
  }
  return !linkElements.some((element) => isNamed(tag, element));
}

function isImageMetaTag(tag: StartTag): boolean {
  const read = (name: string): string => (readValue(tag, name) ?? '').toLowerCase();
  return isImageMeta(read('property'), read('name'), read('itemprop'));
}

/** An element of SVG that sets `href` or lets it change over time (SVG Animations 2). */
function isHrefAnimation(tag: StartTag): boolean {
  if (!isNamed(tag, 'animate') && !isNamed(tag, 'set')) return false;
  const animated = readValue(tag, 'attributename');
  return animated === 'href' || animated === 'xlink:href';
}

function isNamed({ bytes, nameStart, nameEnd }: StartTag, name: string): boolean {
  return isName(bytes, nameStart, nameEnd, name);
}

function readValue({ bytes, attributes }: StartTag, name: string): string | undefined {
  const attribute = findAttribute(bytes, attributes, name);
  return attribute && unescapeValue(bytes, attribute).text;
}
