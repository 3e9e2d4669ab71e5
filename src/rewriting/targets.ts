/**
 * What each place of a page holds: tables of the attributes, `<meta>` names and script types that can hold URLs of images,
 * and the few attributes for which the element or the value decides. To support another one, add a row here, and to
 * docs/how-it-works/what-is-rewritten.md and the tests.
 */
import { type Attribute, findAttribute, isName, unescapeValue } from '../html/attributes.ts';
import { essenceOf, isJsonType } from '../text/mime-type.ts';
import { countDescribed, findSrcsetUrls, isOneUrl } from '../values/urls.ts';
import { reportSpaceInPath, trimmedSpan } from './edit-url.ts';
import type { ExtraTargets, ScriptKind, TargetKind, UrlMapping } from './options.ts';

/** A `data-*` attribute: its name says less than its value. */
export type DataKind = 'data' | 'data-srcset';

/**
 * Sources: HTML and SVG; SVG 2, "Presentation attributes", for those that take a `url()` (`marker` is none of them); AMP's
 * `amp-story` (`poster-*-src`, `publisher-logo-src`); Vuetify (`lazy-src`); lazySizes (`data-bgset`).
 *
 * They count on every element: outside SVG, browsers ignore the presentation attributes, so a token there does no harm.
 */
const targets: ReadonlyMap<string, TargetKind> = new Map<string, TargetKind>([
  ['src', 'url'],
  ['href', 'url'],
  ['xlink:href', 'url'],
  ['poster', 'url'],
  ['data', 'url'],
  ['background', 'url'],
  ['lazy-src', 'url'],
  ['poster-portrait-src', 'url'],
  ['poster-square-src', 'url'],
  ['poster-landscape-src', 'url'],
  ['publisher-logo-src', 'url'],
  ['srcset', 'srcset'],
  ['imagesrcset', 'srcset'],
  ['data-bgset', 'bgset'],
  ['style', 'css'],
  ['clip-path', 'css'],
  ['cursor', 'css'],
  ['fill', 'css'],
  ['filter', 'css'],
  ['marker-start', 'css'],
  ['marker-mid', 'css'],
  ['marker-end', 'css'],
  ['mask', 'css'],
  ['stroke', 'css'],
  ['srcdoc', 'html'],
]);

/**
 * What an attribute holds, whatever its element.
 * @param name - in lower case
 * @returns for a `data-*` attribute `'data-srcset'` if it may hold image candidates, or else `'data'`: its value tells more
 *   (`kindOfData`)
 */
export function targetOf(name: string, extra: ExtraTargets): TargetKind | DataKind | undefined {
  const kind = targets.get(name) ?? extra.attributes.get(name);
  if (kind !== undefined || !name.startsWith('data-')) return kind;
  return name.endsWith('srcset') ? 'data-srcset' : 'data';
}

/**
 * What a `data-*` attribute with this value holds: lazy loaders put background images there as `url(…)`, and frameworks
 * the data that their components start from, as JSON.
 */
export function kindOfData(value: string): TargetKind {
  if (/^[\t\n\f\r ]*url\(/i.test(value)) return 'css';
  return /^[\t\n\r ]*[[{]/.test(value) ? 'json' : 'url';
}

/**
 * The names in `property` or `name` whose `content` is an image's URL. Sources: the Open Graph protocol (`og:image` and
 * its structured properties), X's "Cards markup" (`twitter:image`; `twitter:image:src` is its older name), Google's
 * "PageMap" and custom search (`thumbnail`), Microsoft's "Pinned site metadata" (`msapplication-…`), VK's sharing
 * (`vk:image`), and Parse.ly's metatags (`parsely-image-url`).
 */
const imageMetas: ReadonlySet<string> = new Set([
  'og:image',
  'og:image:url',
  'og:image:secure_url',
  'twitter:image',
  'twitter:image:src',
  'thumbnail',
  'msapplication-tileimage',
  'msapplication-square70x70logo',
  'msapplication-square150x150logo',
  'msapplication-wide310x150logo',
  'msapplication-square310x310logo',
  'vk:image',
  'parsely-image-url',
]);
/** Properties of schema.org in microdata's `itemprop`, in lower case. */
const imageProperties: ReadonlySet<string> = new Set([
  'image',
  'thumbnailurl',
  'logo',
  'photo',
  'contenturl',
  'screenshot',
  'primaryimageofpage',
]);

/** The attributes of an SVG animation of `href` that hold one URL, or several. `by` adds to a value, which URLs cannot. */
const animationTargets: ReadonlyMap<string, TargetKind> = new Map<string, TargetKind>([
  ['to', 'url'],
  ['from', 'url'],
  ['values', 'url-list'],
]);

/**
 * Elements whose `image` is a URL: the avatars of Shoelace and of Web Awesome, its successor. Elsewhere it may be a word or
 * a person's text.
 */
const avatars: readonly string[] = ['sl-avatar', 'wa-avatar'];

/**
 * Types of script that hold data or templates, besides JSON by any name. Sources: HTML (`importmap`, `speculationrules`),
 * and the frameworks that define the others: Magento, Qwik, Ember FastBoot, Vue (`text/x-template`), AngularJS
 * (`text/ng-template`), Handlebars, Mustache, jQuery Templates (`text/x-jquery-tmpl`) and Underscore (`text/template`).
 */
const scriptTypes: ReadonlyMap<string, ScriptKind> = new Map<string, ScriptKind>([
  ['importmap', 'json'],
  ['speculationrules', 'json'],
  ['text/x-magento-init', 'json'],
  ['qwik/json', 'json'],
  ['fastboot/shoebox', 'json'],
  ['text/html', 'html'],
  ['text/template', 'html'],
  ['text/x-template', 'html'],
  ['text/x-handlebars', 'html'],
  ['text/x-handlebars-template', 'html'],
  ['text/x-magento-template', 'html'],
  ['text/ng-template', 'html'],
  ['text/mustache', 'html'],
  ['text/x-mustache', 'html'],
  ['text/x-jquery-tmpl', 'html'],
]);

/** Types whose content a Content-Security-Policy applies to, as it does to code (HTML, "prepare the script element"). */
const checkedTypes: ReadonlySet<string> = new Set(['importmap', 'speculationrules']);

/**
 * What a `script` with this `type` holds; parameters of the MIME type are ignored.
 * @param isHashed - a policy allows scripts by their hash
 * @returns undefined for code, and for what must not change
 */
export function kindOfScript(type: string, extra: ExtraTargets, isHashed = false): ScriptKind | undefined {
  const name = essenceOf(type);
  if (isHashed && checkedTypes.has(name)) return undefined;
  return scriptTypes.get(name) ?? (isJsonType(name) ? 'json' : extra.scripts.get(name));
}

/** A start tag in a page. */
interface StartTag {
  readonly bytes: Buffer;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly attributes: readonly Attribute[];
}

/**
 * What an attribute holds in its tag.
 * @param name - in lower case
 */
export function targetInTag(
  tag: StartTag,
  name: string,
  extra: ExtraTargets,
): TargetKind | DataKind | undefined {
  if (name === 'content' && isNamed(tag, 'meta') && isImageMeta(tag)) return 'url';
  const animated = animationTargets.get(name);
  if (animated !== undefined && isHrefAnimation(tag)) return animated;
  const target = targetOf(name, extra);
  if (target !== undefined || name !== 'image') return target;
  return avatars.some((element) => isNamed(tag, element)) ? 'url' : undefined;
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

/** Elements whose `src` or `href` names a page or a program, even where it may also be an image. */
const linkElements = ['a', 'area', 'base', 'embed', 'frame', 'iframe', 'object', 'script'];

/** Whether a URL in this tag names an image, unless the site says otherwise. A `link` may be anything. */
export function isImagePlace(tag: StartTag): boolean {
  if (isNamed(tag, 'link')) {
    const names = (readValue(tag, 'rel') ?? '').toLowerCase();
    const isPreload = (readValue(tag, 'as') ?? '').trim().toLowerCase() === 'image';
    return isPreload || /(?:icon|image|image_src)(?:[\t\n\f\r ]|$)/.test(names);
  }
  return !linkElements.some((element) => isNamed(tag, element));
}

/** Whether the `content` of a `<meta>` is an image's URL. */
function isImageMeta(tag: StartTag): boolean {
  const read = (name: string): string => (readValue(tag, name) ?? '').toLowerCase();
  // `property` (RDFa) and `itemprop` (microdata) hold names separated by ASCII whitespace; `name` holds one.
  return (
    splitOnWhitespace(read('property')).some((each) => imageMetas.has(each)) ||
    imageMetas.has(read('name').trim()) ||
    splitOnWhitespace(read('itemprop')).some((each) => imageProperties.has(each))
  );
}

function splitOnWhitespace(text: string): string[] {
  return text.split(/[\t\n\f\r ]/);
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
