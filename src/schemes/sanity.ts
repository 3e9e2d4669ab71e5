/** `sanity`: private images at Sanity, signed with Ed25519. */
import * as v from 'valibot';
import { asName, expectedSecret } from '../validation/message.ts';
import { textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import {
  absoluteUrl,
  maxSignatures,
  parameters,
  type QueryOptions,
  readSchemeOptions,
  storeEntries,
  versionParameters,
} from './options.ts';
import { ed25519Key } from './private-key.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `sanity`. */
export interface SanityOptions extends QueryOptions {
  /** Where a dataset's images are, or a list: `https://cdn.sanity.io/images/<project id>/<dataset>`. */
  readonly url: string | readonly string[];
  /** Sanity's ID of the key. */
  readonly keyId: string | undefined;
  /**
   * The private Ed25519 key: PEM text, or its 64 hexadecimal digits; a list, of which the first signs; or a function. In a
   * rotation every key has its own ID: write `{ value, keyId }`.
   */
  readonly key: SecretOption<string, { readonly keyId?: string | undefined }> | undefined;
  /**
   * How many new signatures one response may compute. Each takes about 50 µs. Cached signatures don't count, nor do the app's
   * own `signImage` calls. Further URLs of the page stay unsigned and are reported (`too-many-signatures`), and the page is
   * `no-store`.
   * @default 4096
   */
  readonly maxSignatures?: number | undefined;
}

/** They only change the image that the path names. @see Sanity, "Image transformations" */
const transformations: readonly string[] = [
  ...['auto', 'bg', 'blur', 'crop', 'dpr', 'fit', 'flip', 'fm', 'fp-x', 'fp-y', 'frame', 'h', 'invert'],
  ...['max-h', 'max-w', 'min-h', 'min-w', 'or', 'pad', 'q', 'rect', 'sat', 'sharp', 'w'],
];

const privateKey = ed25519Key({
  where:
    "Use the text of the key pair's PEM file, from -----BEGIN to the last -----, or the result of pemToEd25519Hex() of @sanity/signed-urls.",
  publicHint: 'The public key is for Sanity. Use the other file.',
  verifier: 'Sanity',
});

const idHint = 'Sanity shows it beside the public key.';

const keyId = v.pipe(
  textLike(/^[\w-]{1,128}$/, 'the ID of a key, with letters, digits, - and _', idHint, asName),
  // It is part of every URL.
  v.check((text) => !/^[\da-f]{64}$/i.test(text), expectedSecret('the ID of a key, not a key', idHint)),
);

const entries = {
  url: absoluteUrl,
  keyId,
  key: secretsOf('key', keyOf(privateKey, 'keyId', keyId)),
  maxSignatures: v.optional(maxSignatures, 4_096),
  ...storeEntries,
  parameters: parameters(isToken, [...new Set([...transformations, ...versionParameters])]),
} satisfies Record<keyof SanityOptions, v.GenericSchema>;

/**
 * Images of a private dataset at Sanity. The whole URL is signed with Ed25519, its parameters sorted as Sanity's library sorts
 * them. A signature takes about 50 µs, once per URL and step.
 *
 * A reference without a scheme (`//cdn.sanity.io/…`) is signed with the scheme of `url`.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Sanity's library `@sanity/signed-urls` (https://github.com/sanity-io/signed-urls)
 * @example
 * ```ts
 * const scheme = sanity({
 *   url: 'https://cdn.sanity.io/images/abc123/production',
 *   keyId: process.env.SANITY_KEY_ID,
 *   key: process.env.SANITY_PRIVATE_KEY,
 * });
 * app.use(imageSigner({ scheme, ttl: '1h', authorize: (image, request) => mayRead(request, image.id) }));
 * ```
 */
export function sanity(options: SanityOptions): Scheme<SchemeImage<'sanity'>> {
  const { url: bases, key: secrets, ...given } = readSchemeOptions('sanity', entries, options);
  return createQueryScheme({
    name: 'sanity',
    bases,
    ...given,
    secrets,
    settings: [given.keyId],
    isTokenParameter: isToken,
    respellQuery: sortQuery,
    sign({ origin, path, query }, { exp }, { key, name = given.keyId }) {
      const expiry = encode(`${new Date(exp * 1000).toISOString().slice(0, 19)}Z`);
      const added = `keyid=${name}&expiry=${expiry}`;
      const signature = key.sign(`${origin}${path}?${query === '' ? '' : `${query}&`}${added}`);
      return `${added}&signature=${signature.toString('base64url')}%3D%3D`;
    },
    readTerms(url) {
      // Any spelling that `Date` reads: signing again writes the only spelling that verifies.
      const time = Date.parse(onlyParameter(url, 'expiry')?.replaceAll('%3A', ':') ?? '');
      return termsOfExpiry(String(time / 1000));
    },
  });
}

function isToken(name: string): boolean {
  return name === 'keyid' || name === 'expiry' || name === 'signature';
}

/** RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Sorted by name, then by value, as both are encoded. */
function sortQuery(query: string): string {
  if (/^[\w.~-]+=[\w.~-]*$/.test(query)) return query; // usually there is only one parameter
  return Array.from(new URLSearchParams(query), (pair) => pair.map(encode))
    .sort(([nameA, a], [nameB, b]) => compare(nameA!, nameB!) || compare(a!, b!))
    .map((pair) => pair.join('='))
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
