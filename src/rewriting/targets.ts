/**
 * Which attributes hold what: a row for each. To support one more, add it here, to the README and to the tests.
 * It knows names alone, neither values nor what is done with them.
 */

export type TargetKind = 'url' | 'srcset' | 'css' | 'document';

/** Attributes that the site names itself; the keys in lower case. */
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
 * What an attribute holds, on any element.
 * @param name - in lower case
 * @returns `'data'` for a `data-*` that may be one of two kinds: its value tells
 */
export function targetOf(name: string, extra: ExtraTargets): TargetKind | 'data' | undefined {
  const kind = targets.get(name) ?? extra.get(name);
  if (kind !== undefined || !name.startsWith('data-')) return kind;
  return name.endsWith('srcset') ? 'srcset' : 'data';
}

/** What a `data-*` with this value holds. */
export function kindOfData(value: string): TargetKind {
  return /^[\t\n\f\r ]*url\(/i.test(value) ? 'css' : 'url';
}

const imageMetas: ReadonlySet<string> = new Set([
  'og:image',
  'og:image:url',
  'og:image:secure_url',
  'twitter:image',
  'twitter:image:src',
  'msapplication-tileimage',
]);
const imageProperties: ReadonlySet<string> = new Set(['image', 'thumbnailurl']);

/** Whether a `meta` with these attributes, in lower case, holds an image's URL in its `content`. */
export function isImageMeta(property: string, name: string, itemprop: string): boolean {
  // `property` and `itemprop` are lists of names; an image's name is never a part of another one.
  return (
    words(property).some((each) => imageMetas.has(each)) ||
    imageMetas.has(name.trim()) ||
    words(itemprop).some((each) => imageProperties.has(each))
  );
}

function words(text: string): string[] {
  return text.split(/[\t\n\f\r ]/);
}

const jsonTypes: ReadonlySet<string> = new Set(['application/json', 'application/ld+json']);

/** Whether a `script` of this type, its parameters left out, is an island of JSON. */
export function isJsonScript(type: string): boolean {
  const [essence = ''] = type.split(';', 1);
  return jsonTypes.has(essence.trim().toLowerCase());
}
