/** The scheme of imgproxy: an HMAC-SHA256 over salt and path as the first segment, and the expiry as an option. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { expectedSecret } from '../validation/message.ts';
import { type Schema, secretText } from '../validation/schema.ts';
import {
  createScheme,
  type Scheme,
  type SchemeImage,
  type SecretOption,
  type SignTerms,
} from './definition.ts';
import { from } from './from.ts';
import {
  createUrlReader,
  type ImgproxyUrl,
  isRefused,
  isSignature,
  isUnsigned,
  readSource,
} from './imgproxy-path.ts';
import { readSchemeOptions, type StoreOptions, sourcePrefixes, url } from './options.ts';
import { keyOf, type NamedKey, secretsOf } from './secrets.ts';
import { endOfBase, mostSpecificFirst } from './url-parts.ts';
import { termsOfExpiry, verifyBySigning } from './verify-by-signing.ts';

/** What `imgproxy` takes. */
export interface ImgproxyOptions extends StoreOptions {
  /** The server, with its path prefix: `'https://imgproxy.example'`; one, or a list. */
  readonly url: string | readonly string[];
  /** `IMGPROXY_KEY`, in hex; a list, of which the first signs; or a function. `{ value, salt }` is a key with another salt. */
  readonly key: SecretOption<string, { readonly salt?: string | undefined }> | undefined;
  /** `IMGPROXY_SALT`, in hex. */
  readonly salt: string | undefined;
  /**
   * Beginnings of the source URLs that may be signed, such as `'https://photos.example/uploads/'`.
   * @default none: `authorize` is required
   */
  readonly prefixes?: string | readonly string[] | undefined;
}

/** What `authorize` gets. */
export interface ImgproxyImage extends SchemeImage<'imgproxy'> {
  /** The URL of the source image, decoded. */
  readonly id: string;
  /** The processing options without the expiry, such as `'rs:fill:300:200/g:sm'`. */
  readonly options: string;
}

const hex = (what: string, variable: string): Schema<string> =>
  v.pipe(
    secretText(`imgproxy's ${what} in hex`, `It is the value of ${variable}.`),
    v.check(
      (text) => /^(?:[\da-f]{2})+$/i.test(text),
      expectedSecret(
        `imgproxy's ${what} in hex`,
        `Two of 0-9 and a-f for each byte, as in ${variable}; of a list there the first.`,
      ),
    ),
  );

const salt = hex('salt', 'IMGPROXY_SALT');

function secretOfHex(text: string): Secret {
  return new Secret(Buffer.from(text, 'hex'));
}

const entries = {
  url,
  key: secretsOf('key', keyOf(v.pipe(hex('key', 'IMGPROXY_KEY'), v.transform(secretOfHex)), 'salt', salt)),
  salt,
  from: v.optional(from),
  prefixes: v.optional(sourcePrefixes),
} satisfies Record<keyof ImgproxyOptions, v.GenericSchema>;

/**
 * Images that an imgproxy server processes. A URL that is not signed has `insecure`, `unsafe` or `_` in the place of the
 * signature, and a source as `plain/…` or in base64. The expiry becomes the first option, `exp:…`. An `exp` or `expires`
 * that was there before counts as part of the token, and is replaced. Without its token a URL has `insecure`; one that
 * has none keeps its word.
 *
 * Not signed: an encrypted source, one with dot segments, a URL whose options name a further image (`watermark_url`,
 * `fallback_image_url`), and pipelines with `-`. Servers with `IMGPROXY_BASE64_URL_INCLUDES_FILENAME`, another arguments
 * separator, or presets only read URLs differently, and are not supported.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see imgproxy, "Signing a URL" (https://docs.imgproxy.net/usage/signing_url)
 * @example
 * ```ts
 * const scheme = imgproxy({
 *   url: 'https://imgproxy.example',
 *   key: process.env.IMGPROXY_KEY,
 *   salt: process.env.IMGPROXY_SALT,
 *   prefixes: 'https://photos.example/uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function imgproxy(options: ImgproxyOptions): Scheme<ImgproxyImage> {
  const {
    url: bases,
    from: stored,
    key: secrets,
    salt: commonSalt,
    prefixes: folders,
  } = readSchemeOptions('imgproxy', entries, options);
  const salted = Buffer.from(commonSalt, 'hex');
  const ordered = mostSpecificFirst(bases);

  const readUrl = createUrlReader();
  const read = (url: string): ImgproxyUrl | undefined => {
    const start = endOfBase(url, ordered);
    return start === undefined ? undefined : readUrl(url, start);
  };

  const strip = (url: string): string => {
    const parts = read(url);
    if (parts === undefined) return url;
    const { signature, options, kept } = parts;
    const hasToken = isSignature(signature) || (isUnsigned(signature) && kept.length < options.length);
    return hasToken ? `${parts.before}/insecure${parts.rest}${parts.after}` : url;
  };
  const signWith = (url: string, { exp }: SignTerms, { key, name }: NamedKey<Secret>): string => {
    const parts = read(url);
    if (parts === undefined) return url;
    const path = `/exp:${exp}${parts.rest}`;
    const before = name === undefined ? salted : Buffer.from(name, 'hex');
    return `${parts.before}/${key.mac('sha256', path, 'base64url', before)}${path}${parts.after}`;
  };
  const readTerms = (url: string) => {
    const parts = read(url);
    if (parts === undefined || isUnsigned(parts.signature)) return 'missing';
    const [first] = parts.options;
    if (!isSignature(parts.signature)) return 'malformed';
    return termsOfExpiry(first?.startsWith('exp:') ? first.slice(4) : undefined);
  };

  return createScheme({
    name: 'imgproxy',
    bases,
    from: stored,
    match: (url, place) => {
      const { signature, options, kept, source } = readUrl(url, place.path);
      if (!isUnsigned(signature) && !isSignature(signature)) return undefined;
      if (options.some(isRefused)) return undefined;
      const id = readSource(source);
      if (id === undefined || (folders && !folders.some((folder) => id.startsWith(folder)))) return undefined;
      return { id, options: kept.join('/') };
    },
    // imgproxy leaves the query out before it reads the rest.
    readsParameter: () => false,
    strip,
    sign: (url, terms) => signWith(url, terms, secrets.newest()),
    verify: (url, now) => verifyBySigning(url, now, secrets.all(), { strip, sign: signWith, readTerms }),
    secrets,
    fingerprint: JSON.stringify([folders, new Secret(salted).fingerprint]),
    isLimited: folders !== undefined,
    hasFreePath: true,
  });
}
