/**
 * `defineScheme`: an app's own scheme, whose token is in the query, or wherever its functions put it.
 * Longer than most files: half of it documents what an app can write.
 */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { serializeSecret } from '../signing/serialize-secret.ts';
import { formDecode } from '../url/percent-encoding.ts';
import { asName, expected, expectedSecret, invalidOption } from '../validation/message.ts';
import {
  flag,
  isRecord,
  listOf,
  parameterName,
  type Schema,
  secretText,
  synchronous,
  textLike,
} from '../validation/schema.ts';
import { sameNames, withoutPromises } from './app-functions.ts';
import {
  createScheme,
  type FoundImage,
  type MatchedImage,
  type Scheme,
  type SchemeTraits,
  type SecretOption,
  type SecretTerms,
  type TokenVerification,
  type UrlParts,
} from './definition.ts';
import {
  longestLife,
  maxSignatures,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
  url,
} from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, type NamedKey, type Secrets, secretsOf } from './secrets.ts';
import { mostSpecificFirst, onlyParameter, partsOf, placeOf, readExpiry } from './url-parts.ts';
import type { TokenTerms } from './verify-by-signing.ts';

/** The options of both forms of `defineScheme`. */
interface OwnScheme extends SchemeTraits, Pick<StoreOptions, 'from'> {
  /** For messages and `image.scheme`, in lower case. */
  readonly name: string;
  /** Where the images are delivered: a URL, or a path of the site, which a guard can protect. One, or a list. */
  readonly url: string | readonly string[];
}

/** The parameters of a token, by name, decoded. A parameter that is missing or given twice is undefined. */
export type TokenParameters = Readonly<Record<string, string | undefined>>;

/** When a token was issued and when it expires, both in Unix seconds. */
export interface TokenTimes {
  /** When it expires. */
  readonly exp: number;
  /** When it was issued: `sign` received it under this name. */
  readonly issuedAt: number;
}

/**
 * A scheme whose token is parameters of the query, for `defineScheme`. All functions must be synchronous, and return the
 * same result for the same arguments.
 */
export interface QuerySchemeDefinition<Secret, Found extends object = object>
  extends OwnScheme,
    Pick<StoreOptions, 'prefixes'> {
  /** The names of the token's parameters, such as `['expires', 'token']`. Old ones are removed, and new ones appended. */
  readonly token: string | readonly string[];
  /** The secret, which `sign` receives. Every secret of a list verifies. */
  readonly secret: SecretOption<Secret> | undefined;
  /**
   * Makes a token.
   * @param parts - of the URL without a token, with its path as `respell` writes it
   * @returns the values of the parameters, plain and in their order; or the token as query text, percent-encoded
   */
  sign(parts: UrlParts, terms: SecretTerms<Secret>): string | Readonly<Record<string, string | number>>;
  /**
   * Reads when a token expires, to verify it by signing again.
   * @returns Unix seconds, with the time of issue for a scheme that signs it; undefined for an invalid token
   * @default the first parameter of `token`, in Unix seconds
   */
  readExpiry?(token: TokenParameters): number | TokenTimes | undefined;
  /**
   * Spells the path after the base as the store signs it, for stores that sign the decoded name: decode every segment and
   * encode it again, so that an image has only one URL. Its own result must not change when it is respelled. A path is not
   * signed if this throws, or if the result names something else: its segments must decode to those of the path.
   * @default as written
   */
  respell?(path: string): string;
  /**
   * Which other parameters of a URL are signed: names, or a function. The rest is removed: anyone who can post a comment
   * could otherwise ask the store for something else with the site's credentials.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | ((name: string) => boolean) | undefined;
  /**
   * Narrows `prefixes`: return undefined for an image that must not be signed. The members of a returned object are added
   * to what `authorize` receives.
   * @default every image below `prefixes` is signed
   */
  match?(parts: UrlParts): Found | undefined;
}

/**
 * A scheme whose token can be anywhere in the URL, for `defineScheme`. All functions must be synchronous, and return the
 * same result for the same arguments.
 */
export interface SchemeDefinition<Image extends MatchedImage = MatchedImage, Secret = undefined>
  extends OwnScheme {
  /** Only the other form has it: `QuerySchemeDefinition`. */
  readonly token?: undefined;
  /**
   * The secret, which `sign` and `verify` receive: a text, bytes or an object; a list, of which the first signs and all
   * verify; or a function that returns either, or `{ value, expiration }`. The function is called again every five minutes,
   * or before the secret ends. Leave it out if the functions hold a key that never changes.
   * @default none
   */
  readonly secret?: SecretOption<Secret> | undefined;
  /**
   * Finds the image that a URL names; undefined for a URL that must not be signed. This is the scheme's allowlist.
   * @param url - under `url`, without a fragment, in ASCII as a browser sends it; it can carry a token
   * @param parts - of that URL
   */
  match(url: string, parts: UrlParts): Image | undefined;
  /** Removes the token, if there is one, and keeps everything else as written. */
  strip(url: string): string;
  /**
   * Adds a token.
   * @param url - without a token
   * @param parts - of that URL
   */
  sign(url: string, terms: SecretTerms<Secret>, parts: UrlParts): string;
  /**
   * Verifies a URL's token, for `verifyImage` and the guard. It must compare the signature in constant time, and before the
   * expiry.
   * @param now - in Unix seconds; for `NaN`, every token must be refused
   * @param secrets - those of the option `secret`, the newest first; empty without that option, or before the first fetch
   */
  verify?(url: string, now: number, secrets: readonly Secret[]): TokenVerification;
  /** Everything that decides a token, with at most a digest of the secret. Caches and entity tags depend on it. */
  readonly fingerprint: string;
}

type AnyQueryScheme = QuerySchemeDefinition<unknown>;
type AnyScheme = SchemeDefinition<MatchedImage, unknown>;

/** The option `name`. */
const schemeName: Schema<string> = textLike(
  /^[a-z][a-z\d-]{0,31}$/,
  'a name of lower-case letters, digits and -',
  "For example, 'my-cdn'.",
  asName,
);

/** The option `readsParameter`. */
const readsParameter: Schema<((name: string) => boolean) | undefined> = v.optional(
  synchronous<NonNullable<SchemeDefinition['readsParameter']>>(
    'It receives the name of a parameter, and returns whether the store reads it.',
  ),
);

/** A secret whose form only the app's own functions know. */
interface AppSecret {
  readonly value: unknown;
  readonly fingerprint: string;
}

const anySecret: Schema<AppSecret> = v.pipe(
  v.lazy((input) =>
    typeof input === 'string'
      ? secretText('a secret', '`sign` and `verify` receive it.')
      : v.custom<object>(
          (other) => typeof other === 'object' && other !== null && !isEmpty(other),
          expectedSecret(
            'a text, bytes, an object, a list of them, or a function that returns them',
            'If it comes from the environment, is the variable set?',
          ),
        ),
  ),
  v.check(
    (value) => serializeSecret(value) !== undefined,
    expectedSecret(
      'a secret of texts, numbers, bytes and KeyObjects',
      'Other objects cannot be compared after a restart.',
    ),
  ),
  v.transform(
    (value): AppSecret => ({ value, fingerprint: new Secret(serializeSecret(value)!).fingerprint }),
  ),
);

function isEmpty(value: object): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}

/** The option `secret`. */
const secret: Schema<Secrets<NamedKey<AppSecret>>> = secretsOf('secret', keyOf(anySecret));

const sharedEntries = {
  name: schemeName,
  url,
  from: storeEntries.from,
  longestLife: v.optional(longestLife),
  maxSignatures: v.optional(maxSignatures),
  plainNames: v.optional(flag),
  readsParameter,
} satisfies Record<keyof OwnScheme, v.GenericSchema>;

const tokenHint = "For example, ['expires', 'token'].";

const token: Schema<readonly string[]> = v.pipe(
  listOf(parameterName(/^[^&=#%+\0-\x20]+$/, tokenHint), expected('at least one name', tokenHint)),
  v.check((names) => new Set(names).size === names.length, expected('different names', tokenHint)),
);

/** @param isToken - whether a name is one of the option `token` */
const queryEntries = (isToken: (name: string) => boolean) =>
  ({
    ...sharedEntries,
    token,
    secret,
    sign: synchronous<AnyQueryScheme['sign']>(
      "It receives a URL's parts and { exp, issuedAt, secret }, and returns the token's parameters.",
    ),
    readExpiry: v.optional(
      synchronous<NonNullable<AnyQueryScheme['readExpiry']>>(
        'It receives the parameters of a token, and returns its expiry in Unix seconds.',
      ),
    ),
    respell: v.optional(
      synchronous<NonNullable<AnyQueryScheme['respell']>>(
        'It receives the path after the base, and returns it as the store signs it.',
      ),
    ),
    parameters: v.lazy((input) => (typeof input === 'function' ? signedParameter : parameters(isToken))),
    match: v.optional(
      synchronous<NonNullable<AnyQueryScheme['match']>>(
        "It receives a URL's parts, and returns an object, or undefined for a URL that must not be signed.",
      ),
    ),
    prefixes: storeEntries.prefixes,
  }) satisfies Record<keyof AnyQueryScheme, v.GenericSchema>;

const signedParameter = synchronous<(name: string) => boolean>(
  'It receives the name of a parameter, and returns whether it is signed.',
);

const entries = {
  ...sharedEntries,
  strip: synchronous<AnyScheme['strip']>(
    'It receives a URL, and returns it without a token. If the token is in the query, name its parameters in `token` instead.',
  ),
  secret: v.optional(secret),
  match: synchronous<AnyScheme['match']>(
    'It receives a URL, and returns { id }, or undefined for a URL that must not be signed.',
  ),
  sign: synchronous<AnyScheme['sign']>(
    'It receives a URL and { exp, ttl, step }, and returns the URL with a token.',
  ),
  verify: v.optional(
    synchronous<NonNullable<AnyScheme['verify']>>(
      'It receives a URL and Unix seconds, and returns { ok: true, expiresAt } or { ok: false, reason }.',
    ),
  ),
  fingerprint: textLike(
    /./s,
    'a text that differs where tokens do',
    'For example, a digest of the key and the base. It must not contain a secret.',
  ),
  token: v.optional(v.undefined()),
} satisfies Record<keyof AnyScheme, v.GenericSchema>;

// The first overload: TypeScript keeps the return type that it infers there, and `verify` returns literals.
/**
 * Makes a scheme of your own whose token can be anywhere in the URL: your functions find, remove and add it.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createHash, createHmac } from 'node:crypto';
 *
 * const key = process.env.CDN_KEY ?? '';
 * const strip = (url: string): string => url.replace(/\/private\/\d+-[\da-f]{64}\//, '/private/');
 * const scheme = defineScheme({
 *   name: 'my-cdn',
 *   url: 'https://cdn.example/private',
 *   match(url) {
 *     const id = strip(url).slice(url.indexOf('/private/') + '/private/'.length);
 *     return /^photos\/[\w-]+\.jpg$/.test(id) ? { id } : undefined;
 *   },
 *   strip,
 *   sign(url, { exp }, { path }) {
 *     const token = createHmac('sha256', key).update(`${exp} ${path}`).digest('hex');
 *     return url.replace('/private/', `/private/${exp}-${token}/`);
 *   },
 *   fingerprint: createHash('sha256').update(`my-cdn ${key}`).digest('hex'),
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function defineScheme<Image extends MatchedImage, Secret = undefined, Name extends string = string>(
  definition: SchemeDefinition<Image, Secret> & { readonly name: Name },
): Scheme<FoundImage<Name, Image>>;
/**
 * Makes a scheme of your own. Its functions must be synchronous and deterministic; `checkScheme` of `image-signer/testing`
 * tests that.
 *
 * With the option `token`, the token is parameters of the query: the package appends it, removes it, and verifies it by
 * signing again. For a token elsewhere, write `match`, `strip`, `sign` and `verify`.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createHmac } from 'node:crypto';
 *
 * const scheme = defineScheme({
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
export function defineScheme<Secret, Found extends object = object, Name extends string = string>(
  definition: QuerySchemeDefinition<Secret, Found> & { readonly name: Name },
): Scheme<FoundImage<Name, Found>>;
export function defineScheme(definition: AnyQueryScheme | AnyScheme): Scheme {
  const has = (name: string): boolean => Object.hasOwn(Object(definition), name);
  if (has('token') && definition.token !== undefined) {
    const other = ['strip', 'verify', 'fingerprint'].find(has);
    if (other === undefined) return defineByToken(definition as AnyQueryScheme);
    throw invalidOption(
      other,
      `expected \`token\` or \`${other}\`, got both. If the token is in the query, leave out strip, verify and fingerprint. If it is elsewhere, leave out token.`,
    );
  }
  const other = ['prefixes', 'parameters', 'respell', 'readExpiry'].find(has);
  if (other !== undefined)
    throw invalidOption(
      'token',
      `expected the names of the token's parameters, which \`${other}\` needs, got none. ${tokenHint}`,
    );
  return defineByFunctions(definition as AnyScheme);
}

function defineByToken(definition: AnyQueryScheme): Scheme {
  const names = new Set([definition.token].flat());
  const isToken = (name: string): boolean => names.has(name);
  const {
    url: bases,
    token: ordered,
    secret: secrets,
    sign: signByApp,
    readExpiry = expiryOfFirst(ordered),
    respell,
    match,
    parameters: signed,
    ...shared
  } = readSchemeOptions('defineScheme', queryEntries(isToken), definition);
  const [sign, read] = [withoutPromises(signByApp), withoutPromises(readExpiry)];
  const find = match && withoutPromises(match);
  const isSigned = typeof signed === 'function' ? withoutPromises(signed) : undefined;
  return createQueryScheme<NamedKey<AppSecret>, string>({
    ...shared,
    bases,
    secrets,
    settings: [ordered],
    respell: respell && sameNames(respell),
    match: find && ((parts) => objectOrUndefined(find(parts))),
    // Only `true` allows a parameter.
    parameters: isSigned ? (name) => isSigned(name) === true : (signed as readonly string[]),
    isTokenParameter: isToken,
    sign(parts, terms, { key }) {
      const issuedAt = terms.exp - (terms.ttl + terms.step);
      const made = sign(parts, { ...terms, issuedAt, secret: key.value });
      const query = typeof made === 'string' ? made : serialize(made);
      // A number or a promise serializes to nothing: the URL would look signed without a token.
      if (query === '') throw new TypeError('expected the parameters of a token');
      return query;
    },
    readTerms: (text) => termsFrom(read(tokenOf(text, ordered))),
    isForeign: true,
  });
}

function defineByFunctions(definition: AnyScheme): Scheme {
  const {
    url: bases,
    secret: secrets,
    match,
    sign,
    verify,
    token: _token,
    ...shared
  } = readSchemeOptions('defineScheme', entries, definition);
  const ordered = mostSpecificFirst(bases);
  return createScheme({
    ...shared,
    bases,
    secrets,
    match: (text, place) => match(text, partsOf(text, place)),
    sign(text, terms, place = placeOf(text, ordered)) {
      const issuedAt = terms.exp - (terms.ttl + terms.step);
      return sign(text, { ...terms, issuedAt, secret: secrets?.newest().key.value }, partsOf(text, place));
    },
    verify:
      verify &&
      ((text, now) =>
        verify(
          text,
          now,
          secrets?.all().flatMap(({ key, endsAt }) => (now >= endsAt ? [] : [key.value])) ?? [],
        )),
    isForeign: true,
    isLimited: true, // its `match` is the allowlist
  });
}

function objectOrUndefined(found: object | undefined): object | undefined {
  if (found !== undefined && (typeof found !== 'object' || found === null))
    throw new TypeError('expected `match` to return an object or undefined');
  return found;
}

function serialize(token: Readonly<Record<string, string | number>>): string {
  return Object.entries(token)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Without a prototype: a parameter can be named `constructor`. */
function tokenOf(url: string, names: readonly string[]): TokenParameters {
  const token: Record<string, string | undefined> = Object.create(null);
  for (const name of names) {
    const value = onlyParameter(url, name);
    if (value !== undefined) token[name] = formDecode(value);
  }
  return token;
}

function expiryOfFirst([first]: readonly string[]): (token: TokenParameters) => number | undefined {
  return (token) => readExpiry(token[first!]); // the schema refuses an empty list
}

function termsFrom(read: ReturnType<NonNullable<AnyQueryScheme['readExpiry']>>): TokenTerms {
  const { exp, issuedAt } = typeof read === 'object' ? read : { exp: read, issuedAt: read };
  if (!Number.isInteger(exp) || !Number.isInteger(issuedAt)) return 'malformed';
  return { exp: exp!, ttl: exp! - issuedAt!, step: 0 };
}
