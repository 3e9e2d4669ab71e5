/** `googleCdn`: signed URLs for Google Cloud CDN. */
import type * as v from 'valibot';
import { asName } from '../validation/message.ts';
import { secretText, textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { absoluteUrl, parameters, type QueryOptions, readSchemeOptions, storeEntries } from './options.ts';
import { isBucketToken } from './presigned.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, secretOf, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `googleCdn`. */
export interface GoogleCdnOptions extends QueryOptions {
  /** Where the images are delivered, or a list: `https://cdn.example/private`. The host is signed, too. */
  readonly url: string | readonly string[];
  /** The key's name, as in `gcloud compute backend-buckets add-signed-url-key --key-name`. */
  readonly keyId: string;
  /**
   * The text of the key file: 16 bytes as base64url; a list, of which the first signs; or a function. `{ value, keyId }` is
   * a key under another name. The type allows `undefined` only for environment variables.
   */
  readonly key: SecretOption<string, { readonly keyId?: string | undefined }> | undefined;
}

const key = secretText(
  "the signing key's text, 16 bytes as base64url",
  'It is the text of the file for --key-file: 22 characters and ==.',
  // A key of another length, or in base64 with + and /, decodes to something else.
  (text) =>
    Buffer.from(text, 'base64url').length === 16 &&
    Buffer.from(text, 'base64url').toString('base64url') === text.replace(/==$/, ''),
);

const keyId = textLike(
  /^[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/,
  "the key's name, with lower-case letters, digits and -",
  "For example, 'images-2026', as in --key-name.",
  asName,
);

/** `URLPrefix` belongs to tokens for all URLs with one prefix. Tokens of the bucket behind Cloud CDN are removed as well. */
const tokenParameters: ReadonlySet<string> = new Set(['Expires', 'KeyName', 'Signature', 'URLPrefix']);

const entries = {
  url: absoluteUrl,
  keyId,
  key: secretsOf('key', keyOf(secretOf(key, 'base64'), 'keyId', keyId)),
  ...storeEntries,
  parameters: parameters(isToken),
} satisfies Record<keyof GoogleCdnOptions, v.GenericSchema>;

/**
 * Signed URLs for Google Cloud CDN. Cloud CDN passes a request **without** a signature to the backend, so the bucket or the
 * server must be private itself.
 *
 * Scheme and host are signed. A reference without a scheme (`//cdn.example/…`) is signed with the scheme of `url`.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = googleCdn({
 *   url: 'https://cdn.example/private',
 *   keyId: 'images-2026',
 *   key: process.env.CDN_KEY,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 * @see Google Cloud CDN, "Use signed URLs"
 */
export function googleCdn(options: GoogleCdnOptions): Scheme<SchemeImage<'google-cdn'>> {
  const { url: bases, key: secrets, ...given } = readSchemeOptions('googleCdn', entries, options);
  return createQueryScheme({
    name: 'google-cdn',
    bases,
    ...given,
    secrets,
    settings: [given.keyId],
    isTokenParameter: isToken,
    sign({ origin, path, query }, { exp }, { key: secret, name = given.keyId }) {
      const added = `Expires=${exp}&KeyName=${name}`;
      const separator = query === '' ? '?' : `?${query}&`;
      const signature = secret.mac('sha1', `${origin}${path}${separator}${added}`, 'base64url');
      // 20 bytes are 27 characters, and Google's code pads them.
      return `${added}&Signature=${signature}=`;
    },
    readTerms: (url) => termsOfExpiry(onlyParameter(url, 'Expires')),
  });
}

function isToken(name: string): boolean {
  return tokenParameters.has(name) || isBucketToken(name);
}
