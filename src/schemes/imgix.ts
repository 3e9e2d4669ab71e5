/** `imgix`: an MD5 over the secure URL token, the path and the query, as the parameter `s`. */
import type * as v from 'valibot';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { readSchemeOptions, type StoreOptions, storeEntries, url } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { textKey } from './secrets.ts';
import { onlyParameter, parametersOf } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `imgix`. */
export interface ImgixOptions extends StoreOptions {
  /** The source's domain, such as `'https://shop.imgix.net'`, or a list. */
  readonly url: string | readonly string[];
  /** The source's secure URL token, as its settings show it; a list, of which the first signs; or a function. */
  readonly key: SecretOption<string> | undefined;
}

const entries = {
  url,
  key: textKey('key', "the source's secure URL token", "It is in the source's settings, under Security."),
  ...storeEntries,
} satisfies Record<keyof ImgixOptions, v.GenericSchema>;

/**
 * Images of an imgix source with "Require Signed URLs". `expires` and `s` are appended to the query; all other parameters stay
 * as written, and are signed. URLs that show a second image (`mark`, `blend`, `mask`) are not signed: anyone who can post a
 * comment could show any image of the source with them.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see imgix, "Securing Assets" (https://docs.imgix.com/en-US/getting-started/setup/securing-assets)
 * @example
 * ```ts
 * const scheme = imgix({ url: 'https://shop.imgix.net', key: process.env.IMGIX_TOKEN, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function imgix(options: ImgixOptions): Scheme<SchemeImage<'imgix'>> {
  const { url: bases, key: secrets, ...given } = readSchemeOptions('imgix', entries, options);
  return createQueryScheme({
    name: 'imgix',
    bases,
    ...given,
    secrets,
    isTokenParameter: isToken,
    match: ({ query }) => (namesAnotherImage(query) ? undefined : {}),
    encodeSegment,
    sign({ path, query }, { exp }, { key }) {
      const expiry = `expires=${exp}`;
      const signed = query === '' ? `${path}?${expiry}` : `${path}?${query}&${expiry}`;
      return `${expiry}&s=${key.hashWith('md5', signed)}`;
    },
    readTerms: (url) => termsOfExpiry(onlyParameter(url, 'expires')),
  });
}

function isToken(name: string): boolean {
  return name === 'expires' || name === 's';
}

/** As imgix's libraries encode a path. */
function encodeSegment(text: string): string {
  return encodeURI(text).replace(/[#?:+]/g, encodeURIComponent);
}

const overlays: ReadonlySet<string> = new Set(['mark', 'mark64', 'blend', 'blend64', 'mask', 'mask64']);

/**
 * Values that are a color or a shape. Any other word can name an image, since a file's name may have no dot. So only the basic
 * CSS color names are allowed.
 */
const plainValues: ReadonlyMap<string, RegExp> = new Map([
  [
    'blend',
    /^(?:[\da-f]{3}|[\da-f]{4}|[\da-f]{6}|[\da-f]{8}|aqua|black|blue|fuchsia|gray|green|lime|maroon|navy|olive|orange|purple|red|silver|teal|white|yellow)$/i,
  ],
  ['mask', /^(?:corners|ellipse)$/i],
]);

/**
 * Whether an overlay could be an image: a path can name any folder of the same source.
 * @see imgix, "Rendering API", the parameters mark, blend and mask; names that end with `64` have a base64url value
 */
function namesAnotherImage(query: string): boolean {
  return parametersOf(query).some(([name, value]) => {
    const overlay = name.toLowerCase();
    return overlays.has(overlay) && plainValues.get(overlay)?.test(value) !== true;
  });
}
