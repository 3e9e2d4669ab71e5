/** `imageKit`: an HMAC-SHA1 over the expiry and the path and query after the endpoint, as the parameter `ik-s`. */
import type * as v from 'valibot';
import { percentDecode } from '../url/percent-encoding.ts';
import { secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import {
  absoluteUrl,
  parameters,
  type QueryOptions,
  readSchemeOptions,
  storeEntries,
  versionParameters,
} from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, secretOf, secretsOf } from './secrets.ts';
import { onlyParameter, parametersOf, withoutParameters } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';
import type { UrlPlace } from './written-url.ts';

/** The options of `imageKit`. */
export interface ImageKitOptions extends QueryOptions {
  /**
   * The URL endpoint, as the dashboard shows it: `https://ik.imagekit.io/<id>`, or your own domain; or a list. The path after
   * it is signed, so it must not include a folder: write folders in `prefixes`.
   */
  readonly url: string | readonly string[];
  /** The account's private API key, such as `private_…`; a list, of which the first signs; or a function. */
  readonly key: SecretOption<string> | undefined;
}

const key = secretText(
  'the private API key, not the public one',
  'It is in the dashboard, under Developer options, and begins with private_.',
  (text) => !text.startsWith('public_'),
);

const entries = {
  url: absoluteUrl,
  key: secretsOf('key', keyOf(secretOf(key))),
  ...storeEntries,
  parameters: parameters(isToken, ['tr', ...versionParameters]),
} satisfies Record<keyof ImageKitOptions, v.GenericSchema>;

/** In seconds. ImageKit signs a URL without `ik-t`, which never expires, as if it ended at 9999999999: stay far below that. */
const longestLife = 5_000_000_000;

/**
 * Images of an ImageKit account that restricts unsigned URLs. `ik-t` and `ik-s` are appended to the query.
 *
 * ImageKit signs the expiry directly after the URL. A URL that ends with a digit (`?tr=w-300`) could be read as another URL
 * with a later expiry, so it is not signed: write `/tr:w-300/photo.jpg`. Transformations that show a second image (layers,
 * `di`), that cost money (generative ones), or that show what was removed from an image (`md`, `orig`) are not signed either:
 * anyone who can post a comment could ask for them. Give them a name at ImageKit, and write `tr:n-<name>`.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see ImageKit, "Media delivery basic security" (https://imagekit.io/docs/media-delivery-basic-security)
 * @example
 * ```ts
 * const scheme = imageKit({
 *   url: 'https://ik.imagekit.io/shop',
 *   key: process.env.IMAGEKIT_PRIVATE_KEY,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function imageKit(options: ImageKitOptions): Scheme<SchemeImage<'imagekit'>> {
  const { url: bases, key: secrets, ...given } = readSchemeOptions('imageKit', entries, options);
  return createQueryScheme({
    name: 'imagekit',
    bases,
    ...given,
    secrets,
    isTokenParameter: isToken,
    longestLife,
    respellQuery: writeQuery,
    placeOfImage: behindTransformations,
    match: ({ path, query }) => (endsWithDigit(path, query) || !isHarmless(path, query) ? undefined : {}),
    nameProblem(url) {
      const bare = withoutParameters(url, (name) => isToken(name) || !given.parameters.includes(name));
      const question = bare.indexOf('?');
      const end = question < 0 ? bare.length : question;
      return endsWithDigit(bare.slice(0, end), bare.slice(end + 1)) ? 'trailing-digit' : undefined;
    },
    sign({ path, query }, { exp }, { key }, base) {
      const text = `${path.slice((base?.path.length ?? 0) + 1)}${query === '' ? '' : `?${query}`}${exp}`;
      return `ik-t=${exp}&ik-s=${key.mac('sha1', text, 'hex')}`;
    },
    readTerms: (url) => termsOfExpiry(onlyParameter(url, 'ik-t')),
  });
}

function isToken(name: string): boolean {
  return name === 'ik-t' || name === 'ik-s';
}

/** Tests the signed text: only when respelled, a query may end with the digit of an escape, such as `)` as `%29`. */
function endsWithDigit(path: string, query: string): boolean {
  return /\d$/.test(query === '' ? path : writeQuery(query) || path);
}

/** As `URLSearchParams` writes it, which ImageKit's library signs. */
function writeQuery(query: string): string {
  const isWritten = /^(?:[\w.*-]+=[\w.*-]*(?:&(?!$)|$))+$/.test(query); // usual, and the faster way to find out
  return isWritten ? query : new URLSearchParams(query).toString();
}

/** `/tr:w-300,h-200/uploads/a.jpg` is the image `uploads/a.jpg`. */
function behindTransformations(url: string, place: UrlPlace): UrlPlace {
  const [segment] = /^\/tr:[^/]*(?=\/)/.exec(url.slice(place.path, place.query)) ?? [''];
  return { ...place, path: place.path + segment.length };
}

/** Checks every path segment and parameter that ImageKit may read as transformations. */
function isHarmless(path: string, query: string): boolean {
  const segments = path.split('/').map(percentDecode);
  const inPath = segments.filter((segment) => /^tr:/i.test(segment)).map((segment) => segment.slice(3));
  const inQuery = parametersOf(query).flatMap(([name, value]) => (name.toLowerCase() === 'tr' ? value : []));
  if (segments.some((segment) => paidFor.test(segment))) return false;
  return [...inPath, ...inQuery].every((steps) =>
    steps.split(/[:,]/).every((step) => harmless.test(step) && !paidFor.test(step)),
  );
}

/**
 * Size, crop, shape and color of the image itself, and the account's named transformations. Everything else is refused:
 * layers (`l-image,i-…`), `di` and the older `oi` show another image, `md` and `orig` show what was removed from this one, and
 * `e-bgremove`, `bg-genfill` and the like cost money.
 * @see ImageKit, "Image transformation"
 */
const harmless =
  /^(?:(?:w|h|ar|c|cm|fo|x|y|xc|yc|z|q|f|dpr|bl|r|b|o|rt|fl|t|pr|lo|cp|n|e-(?:grayscale|contrast|sharpen|usm))(?:-[\w.-]*)?|bg-[\w.-]+)$/;

/** They begin like a harmless step, or are a path segment of their own. */
const paidFor = /genfill|^ik-genimg/i;
