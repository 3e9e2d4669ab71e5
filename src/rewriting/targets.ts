/**
 * Tables of the attributes, `<meta>` names and script types that can hold URLs of images. To support another one, add a
 * row here, and to the README and the tests.
 */

export type TargetKind = 'url' | 'srcset' | 'css' | 'document';

/** Attributes from the site's own options; the keys are in lower case. */
export type ExtraTargets = ReadonlyMap<string, TargetKind>;

const targets: ReadonlyMap<string, TargetKind> = new Map<string, TargetKind>([
  ['src', 'url'],
  ['href', 'url'],
  ['xlink:href', 'url'],
  ['poster', 'url'],
  ['data', 'url'],
  ['background', 'url'],
  ['srcset', 'srcset'],
  ['imagesrcset', 'srcset'],
  ['style', 'css'],
  ['srcdoc', 'document'],
]);

/**
 * What an attribute holds, whatever its element.
 * @param name - in lower case
 * @returns `'data'` for a `data-*` attribute whose kind depends on its value (`kindOfData`)
 */
export function targetOf(name: string, extra: ExtraTargets): TargetKind | 'data' | undefined {
  const kind = targets.get(name) ?? extra.get(name);
  if (kind !== undefined || !name.startsWith('data-')) return kind;
  return name.endsWith('srcset') ? 'srcset' : 'data';
}

/** What a `data-*` attribute with this value holds: lazy loaders put background images there as `url(…)`. */
export function kindOfData(value: string): TargetKind {
  return /^[\t\n\f\r ]*url\(/i.test(value) ? 'css' : 'url';
}

/**
 * The names in `property` or `name` whose `content` is an image's URL. Sources: the Open Graph protocol (`og:image` and
 * its structured properties), X's "Cards markup" (`twitter:image`; `twitter:image:src` is its older name), and
 * Microsoft's "Pinned site metadata" (`msapplication-TileImage`).
 */
const imageMetas: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'og:image',
  'og:image:url',
  'og:image:secure_url',
  'twitter:image',
  'twitter:image:src',
  'msapplication-tileimage',
]);
/** The properties `image` and `thumbnailUrl` of schema.org in microdata's `itemprop`. */
const imageProperties: ReadonlySet<string> = /* @__PURE__ */ new Set(['image', 'thumbnailurl']);

/** Whether the `content` of a `<meta>` with these attribute values, in lower case, is an image's URL. */
export function isImageMeta(property: string, name: string, itemprop: string): boolean {
  // `property` (RDFa) and `itemprop` (microdata) hold names separated by ASCII whitespace; `name` holds one.
  return (
    splitOnWhitespace(property).some((each) => imageMetas.has(each)) ||
    imageMetas.has(name.trim()) ||
    splitOnWhitespace(itemprop).some((each) => imageProperties.has(each))
  );
}

function splitOnWhitespace(text: string): string[] {
  return text.split(/[\t\n\f\r ]/);
}

const jsonTypes: ReadonlySet<string> = /* @__PURE__ */ new Set(['application/json', 'application/ld+json']);

/** Whether a `script` with this `type` holds JSON; parameters of the MIME type are ignored. */
export function isJsonScript(type: string): boolean {
  const [essence = ''] = type.split(';', 1);
  return jsonTypes.has(essence.trim().toLowerCase());
}
