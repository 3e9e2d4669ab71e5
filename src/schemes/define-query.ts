/** `defineQueryScheme`: a scheme of the app's own whose token is parameters of the query. */
import * as v from 'valibot';
import { formDecode } from '../url/percent-encoding.ts';
import { asName, expected } from '../validation/message.ts';
import { flag, listOf, type Schema, synchronous } from '../validation/schema.ts';
import { type AppSecret, longestLife, readsParameter, schemeName, secret } from './define.ts';
import type { FoundImage, Scheme, SecretOption, SecretTerms, UrlParts } from './definition.ts';
import {
  maxSignatures,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
  url,
} from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import type { NamedKey } from './secrets.ts';
import { onlyParameter, readExpiry, withoutParameters } from './url-parts.ts';
import type { TokenTerms } from './verify-by-signing.ts';

/** The parameters of a token, by name, decoded. One that is missing, or given twice, is not there. */
export type TokenParameters = Readonly<Record<string, string | undefined>>;

/** When a token was issued and when it expires, both in Unix seconds. */
export interface TokenTimes {
  /** When it expires. */
  readonly exp: number;
  /** When it was issued: `sign` got it by this name. */
  readonly issuedAt: number;
}

/** A scheme as `defineQueryScheme` takes it. All functions are synchronous; the same arguments give the same result. */
export interface QuerySchemeDefinition<Secret, Found extends object = object> extends StoreOptions {
  /** For messages, in lower case. */
  readonly name: string;
  /** Where the images are delivered: a URL, or a path of the site, which a guard can stand before. One, or a list. */
  readonly url: string | readonly string[];
  /** The names of the parameters that are a token, such as `['expires', 'token']`. They are taken off, and put on at the end. */
  readonly token: string | readonly string[];
  /** The secret, which `sign` gets. Every secret of a list verifies. */
  readonly secret: SecretOption<Secret> | undefined;
  /**
   * Makes a token.
   * @param parts - of the URL without a token, its path as `respell` writes it
   * @returns the value of each parameter, plain, in the order in which they are to stand; or the text that is to stand in
   *   the query, percent-encoded
   */
  sign(parts: UrlParts, terms: SecretTerms<Secret>): string | Readonly<Record<string, string | number>>;
  /**
   * Reads when a token expires, to verify it by signing again.
   * @returns Unix seconds, with the time of issue for a scheme that signs it; undefined for what is no token
   * @default the first parameter of `token`, in Unix seconds
   */
  readExpiry?(token: TokenParameters): number | TokenTimes | undefined;
  /**
   * Spells the path after the base as the store signs it, for stores that sign the decoded name: decode it and encode it
   * anew, so that an image has one URL. What is spelled once is spelled the same again. A path for which it throws stays
   * as written.
   * @default as written
   */
  respell?(path: string): string;
  /**
   * Parameters of a URL that are signed with it: names, or a function. All others are taken off: whoever writes a URL into a
   * comment could ask the store for something else in the site's name.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | ((name: string) => boolean) | undefined;
  /**
   * Narrows the images that are signed, beside `prefixes`: undefined for one that is not. Members of the object are added to
   * what `authorize` gets.
   * @default all below `prefixes`
   */
  match?(parts: UrlParts): Found | undefined;
  /** In seconds: a token may not be valid for longer. */
  readonly longestLife?: number | undefined;
  /** How many signatures one response may compute: see `defineScheme`. @default any number */
  readonly maxSignatures?: number | undefined;
  /** Whether only names are signed that stay the same when they are decoded again: see `defineScheme`. @default false */
  readonly plainNames?: boolean | undefined;
  /** Whether the store gives a parameter of this name a meaning: see `defineScheme`. */
  readsParameter?(name: string): boolean;
}

type AnyDefinition = QuerySchemeDefinition<unknown>;

const tokenHint = "Such as ['expires', 'token'].";

const token: Schema<readonly string[]> = listOf(
  v.pipe(
    v.string(expected('the name of a parameter', tokenHint)),
    v.check(
      (text) => /^[^&=#%+\0-\x20]+$/.test(text),
      expected('the name of a parameter', tokenHint, asName),
    ),
  ),
  expected('at least one name', tokenHint),
);

const signedParameter = synchronous<(name: string) => boolean>(
  'It gets the name of a parameter, and returns whether it is signed.',
);

/** @param isToken - whether a name is one of the option `token` */
const entriesFor = (isToken: (name: string) => boolean) => ({
  name: schemeName,
  url,
  token,
  secret,
  sign: synchronous<AnyDefinition['sign']>(
    'It gets the parts of a URL and { exp, issuedAt, secret }, and returns the parameters of a token.',
  ),
  readExpiry: v.optional(
    synchronous<NonNullable<AnyDefinition['readExpiry']>>(
      'It gets the parameters of a token, and returns when that expires, in Unix seconds.',
    ),
  ),
  respell: v.optional(
    synchronous<NonNullable<AnyDefinition['respell']>>(
      'It gets the path after the base, and returns it as the store signs it.',
    ),
  ),
  parameters: v.lazy((input) => (typeof input === 'function' ? signedParameter : parameters(isToken))),
  match: v.optional(
    synchronous<NonNullable<AnyDefinition['match']>>(
      'It gets the parts of a URL, and returns an object, or undefined for one that is not to be signed.',
    ),
  ),
  longestLife,
  maxSignatures: v.optional(maxSignatures),
  plainNames: v.optional(flag),
  readsParameter,
  ...storeEntries,
});

/**
 * Makes a scheme of one's own whose token is parameters of the query: it is put on at the end, taken off, and verified by
 * signing again. For a token that stands elsewhere there is `defineScheme`. The functions are synchronous and deterministic;
 * `checkScheme` of `image-signer/testing` holds them to the rules.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createHmac } from 'node:crypto';
 *
 * const scheme = defineQueryScheme({
 *   name: 'my-cdn',
 *   url: 'https://cdn.example/private',
 *   prefixes: 'photos/',
 *   token: ['expires', 'token'],
 *   secret: process.env.CDN_KEY,
 *   sign: ({ path, query }, { exp, secret }) => ({
 *     expires: exp,
 *     token: createHmac('sha256', secret).update(`${path}?${query}\n${exp}`).digest('hex'),
 *   }),
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function defineQueryScheme<Secret, Found extends object = object, Name extends string = string>(
  definition: QuerySchemeDefinition<Secret, Found> & { readonly name: Name },
): Scheme<FoundImage<Name, Found>> {
  const names = new Set([Object(definition).token].flat());
  const isToken = (name: string): boolean => names.has(name);
  const given = readSchemeOptions('defineQueryScheme', entriesFor(isToken), definition);
  const { sign, readExpiry: read = expiryOfFirst(given.token), parameters: signed } = given;
  return createQueryScheme<NamedKey<AppSecret>, Name, Found>({
    ...given,
    name: given.name as Name, // the schema leaves it as it is
    match: given.match as ((parts: UrlParts) => Found | undefined) | undefined,
    bases: given.url,
    respell: given.respell && asWrittenIfItThrows(given.respell),
    secrets: given.secret,
    settings: [given.token, typeof signed === 'function' ? 'function' : signed],
    isTokenParameter: isToken,
    signsParameter: typeof signed === 'function' ? signed : (name) => signed.includes(name),
    sign(parts, terms, { key }) {
      const issuedAt = terms.exp - (terms.ttl + terms.step);
      const made = sign(parts, { ...terms, issuedAt, secret: key.value });
      const query = typeof made === 'string' ? made : serialize(made);
      // What is no object has no members, nor has a promise: the URL would go out as if it were signed.
      if (query === '') throw new TypeError('expected the parameters of a token');
      return query;
    },
    readTerms(url): TokenTerms {
      if (withoutParameters(url, isToken) === url) return 'missing';
      return termsFrom(read(tokenOf(url, given.token)));
    },
    isForeign: true,
  });
}

/** `decodeURIComponent` throws for escapes that are not UTF-8. Such a path names no object, however it is spelled. */
function asWrittenIfItThrows(respell: (path: string) => string): (path: string) => string {
  return (path) => {
    try {
      return respell(path);
    } catch {
      return path;
    }
  };
}

function serialize(token: Readonly<Record<string, string | number>>): string {
  return Object.entries(token)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** A map without a prototype: a parameter may be named `constructor`. */
function tokenOf(url: string, names: readonly string[]): TokenParameters {
  const token: Record<string, string | undefined> = Object.create(null);
  for (const name of names) {
    const value = onlyParameter(url, name);
    if (value !== undefined) token[name] = formDecode(value);
  }
  return token;
}

function expiryOfFirst([first]: readonly string[]): (token: TokenParameters) => number | undefined {
  return (token) => readExpiry(token[first!]); // the schema takes no empty list
}

function termsFrom(read: ReturnType<NonNullable<AnyDefinition['readExpiry']>>): TokenTerms {
  const { exp, issuedAt } = typeof read === 'object' ? read : { exp: read, issuedAt: read };
  if (!Number.isInteger(exp) || !Number.isInteger(issuedAt)) return 'malformed';
  return { exp: exp!, ttl: exp! - issuedAt!, step: 0 };
}
