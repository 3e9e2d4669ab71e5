/**
 * Tables of the attributes, `<meta>` names and script types that can hold URLs of images. To support another one, add a
 * row here, and to docs/how-it-works/what-is-rewritten.md and the tests.
 */
import { essenceOf, isJsonType } from '../text/mime-type.ts';

/** Texts that hold URLs inside a grammar of their own. */
export type TextKind = 'html' | 'json' | 'markdown';
/**
 * What an attribute holds. `bgset` is the value of lazySizes' `data-bgset`, `url-list` URLs separated by semicolons; a site
 * names only the others.
 */
export type TargetKind = 'url' | 'srcset' | 'css' | 'html' | 'json' | 'bgset' | 'url-list';
/** A `data-*` attribute: its name says less than its value. */
export type DataKind = 'data' | 'data-srcset';
export type ScriptKind = 'html' | 'json';

/** The site's own places, from its options. */
export interface ExtraTargets {
  /** By name in lower case. */
  readonly attributes: ReadonlyMap<string, TargetKind>;
  /** By MIME type without parameters, in lower case. */
  readonly scripts: ReadonlyMap<string, ScriptKind>;
  /** Members of JSON by name: UTF-8 with one character per byte. */
  readonly fields: ReadonlyMap<string, TextKind>;
  /** Custom properties of CSS whose value is a string that holds a URL, `--` included: UTF-8 as in `fields`. */
  readonly customProperties: ReadonlySet<string>;
}

/** One text for all that is in them: two that have the same are alike. */
export function serializeTargets({ attributes, scripts, fields, customProperties }: ExtraTargets): string {
  return JSON.stringify([[...attributes], [...scripts], [...fields], [...customProperties]]);
}

export const noExtraTargets: ExtraTargets = {
  attributes: new Map(),
  scripts: new Map(),
  fields: new Map(),
  customProperties: new Set(),
};

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
const imageMetas: ReadonlySet<string> = /* @__PURE__ */ new Set([
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
const imageProperties: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'image',
  'thumbnailurl',
  'logo',
  'photo',
  'contenturl',
  'screenshot',
  'primaryimageofpage',
]);

/** Whether the `content` of a `<meta>` with these attribute values, in lower case, is an image's URL. */
export function isImageMeta(property: string, name: string, itemprop: string): boolean {
  // `property` (RDFa) and `itemprop` (microdata) hold names separated by ASCII whitespace; `name` holds one.
  return (
    splitOnWhitespace(property).some((each) => imageMetas.has(each)) ||
    imageMetas.has(name.trim()) ||
    splitOnWhitespace(itemprop).some((each) => imageProperties.has(each))
  );
}

/** The attributes of an SVG animation of `href` that hold one URL, or several. `by` adds to a value, which URLs cannot. */
const animationTargets: ReadonlyMap<string, TargetKind> = /* @__PURE__ */ new Map<string, TargetKind>([
  ['to', 'url'],
  ['from', 'url'],
  ['values', 'url-list'],
]);

/** What an attribute of an SVG animation of `href` holds besides what `targetOf` knows. */
export function targetOfAnimation(name: string): TargetKind | undefined {
  return animationTargets.get(name);
}

/** Elements whose `image` is a URL: the avatars of Shoelace and of Web Awesome, its successor. */
const avatars: readonly string[] = ['sl-avatar', 'wa-avatar'];

/** What the attribute `image` holds; elsewhere it may be a word or a person's text. */
export function targetOfImage(isNamed: (element: string) => boolean): TargetKind | undefined {
  return avatars.some(isNamed) ? 'url' : undefined;
}

function splitOnWhitespace(text: string): string[] {
  return text.split(/[\t\n\f\r ]/);
}

/**
 * Types of script that hold data or templates, besides JSON by any name. Sources: HTML (`importmap`, `speculationrules`),
 * and the frameworks that define the others: Magento, Qwik, Ember FastBoot, Vue (`text/x-template`), AngularJS
 * (`text/ng-template`), Handlebars, Mustache, jQuery Templates (`text/x-jquery-tmpl`) and Underscore (`text/template`).
 */
const scriptTypes: ReadonlyMap<string, ScriptKind> = /* @__PURE__ */ new Map<string, ScriptKind>([
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
const checkedTypes: ReadonlySet<string> = /* @__PURE__ */ new Set(['importmap', 'speculationrules']);

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
