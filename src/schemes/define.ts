/** `defineScheme`: a scheme of the app's own. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { serializeSecret } from '../signing/serialize-secret.ts';
import { asName, asNumber, expected, expectedSecret } from '../validation/message.ts';
import { flag, isRecord, type Schema, secretText, synchronous } from '../validation/schema.ts';
import {
  createScheme,
  type FoundImage,
  type MatchedImage,
  type Scheme,
  type SchemeDefinition,
} from './definition.ts';
import { from } from './from.ts';
import { maxSignatures, readSchemeOptions, url } from './options.ts';
import { keyOf, type NamedKey, type Secrets, secretsOf } from './secrets.ts';
import { mostSpecificFirst, partsOf, placeOf } from './url-parts.ts';

const text = (what: string, hint: string) =>
  v.pipe(v.string(expected(what, hint)), v.nonEmpty(expected(what, hint)));

/** The option `name`. */
export const schemeName: Schema<string> = v.pipe(
  text('a short name', "Such as 'my-cdn'."),
  v.check(
    (name) => /^[a-z][a-z\d-]{0,31}$/.test(name),
    expected('a name of small letters, digits and -', "Such as 'my-cdn'.", asName),
  ),
);

/** The option `longestLife`. */
export const longestLife: Schema<number | undefined> = v.optional(
  v.custom<number>(
    (input) => Number.isInteger(input) && (input as number) > 0,
    expected(
      'whole seconds above 0',
      'Seven days are 604800. Leave it out if tokens may live as long as they like.',
      asNumber,
    ),
  ),
);

/** The option `readsParameter`. */
export const readsParameter: Schema<((name: string) => boolean) | undefined> = v.optional(
  synchronous<NonNullable<SchemeDefinition['readsParameter']>>(
    'It gets the name of a parameter, and returns whether the store gives it a meaning.',
  ),
);

/** A secret of which only the app's own functions know what it is. */
export interface AppSecret {
  readonly value: unknown;
  readonly fingerprint: string;
}

const anySecret: Schema<AppSecret> = v.pipe(
  v.lazy((input) =>
    typeof input === 'string'
      ? secretText('a secret', 'It is handed to `sign` and `verify`.')
      : v.custom<object>(
          (other) => typeof other === 'object' && other !== null && !isEmpty(other),
          expectedSecret(
            'a text, bytes, an object, a list of them, or a function that gives them',
            'If it comes from the environment, is the variable set?',
          ),
        ),
  ),
  v.check(
    (value) => serializeSecret(value) !== undefined,
    expectedSecret(
      'a secret of texts, numbers, bytes and KeyObjects',
      'Of another object nobody knows whether it is still the same after a restart.',
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
export const secret: Schema<Secrets<NamedKey<AppSecret>>> = secretsOf('secret', keyOf(anySecret));

const entries = {
  name: schemeName,
  bases: url,
  from: v.optional(from),
  secret: v.optional(secret),
  match: synchronous<SchemeDefinition['match']>(
    'It gets a URL, and returns { id }, or undefined for one that is not to be signed.',
  ),
  strip: synchronous<SchemeDefinition['strip']>('It gets a URL, and returns it without a token.'),
  sign: synchronous<SchemeDefinition<MatchedImage, unknown>['sign']>(
    'It gets a URL and { exp, ttl, step }, and returns the URL with a token.',
  ),
  verify: v.optional(
    synchronous<NonNullable<SchemeDefinition<MatchedImage, unknown>['verify']>>(
      'It gets a URL and Unix seconds, and returns { ok: true, expiresAt } or { ok: false, reason }.',
    ),
  ),
  readsParameter,
  longestLife,
  maxSignatures: v.optional(maxSignatures),
  plainNames: v.optional(flag),
  fingerprint: text(
    'a text that differs where tokens do',
    'Such as a digest of the key and the base. It must not hold a secret.',
  ),
} satisfies Record<keyof SchemeDefinition, v.GenericSchema>;

/**
 * Makes a scheme of one's own. Its functions are synchronous and deterministic. `checkScheme` of `image-signer/testing`
 * holds it to the rules.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createHash, createHmac } from 'node:crypto';
 *
 * const key = process.env.CDN_KEY ?? '';
 * const strip = (url: string): string => url.replace(/\?expires=\d+&token=[\da-f]{64}$/, '');
 * const scheme = defineScheme({
 *   name: 'my-cdn',
 *   bases: 'https://cdn.example/private',
 *   match(url) {
 *     const id = strip(url).slice(url.indexOf('/private/') + '/private/'.length);
 *     return /^photos\/[\w-]+\.jpg$/.test(id) ? { id } : undefined;
 *   },
 *   strip,
 *   sign(url, { exp }) {
 *     const signed = `${url.slice(url.indexOf('/private/'))}?expires=${exp}`; // without the host
 *     return `${url}?expires=${exp}&token=${createHmac('sha256', key).update(signed).digest('hex')}`;
 *   },
 *   fingerprint: createHash('sha256').update(`my-cdn ${key}`).digest('hex'),
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function defineScheme<Image extends MatchedImage, Secret = undefined, Name extends string = string>(
  definition: SchemeDefinition<Image, Secret> & { readonly name: Name },
): Scheme<FoundImage<Name, Image>> {
  const given = readSchemeOptions('defineScheme', entries, definition);
  const { match, sign, verify, secret: secrets, bases } = given;
  const ordered = mostSpecificFirst(bases);
  return createScheme<Image, Name>({
    name: given.name as Name, // the schema leaves it as it is
    bases,
    from: given.from,
    secrets,
    match: (url, place) => match(url, partsOf(url, place)) as ReturnType<SchemeDefinition<Image>['match']>,
    strip: given.strip,
    sign(url, terms, place = placeOf(url, ordered)) {
      const issuedAt = terms.exp - (terms.ttl + terms.step);
      return sign(url, { ...terms, issuedAt, secret: secrets?.newest().key.value }, partsOf(url, place));
    },
    ...(verify !== undefined && {
      verify: (url, now) =>
        verify(
          url,
          now,
          secrets?.all().flatMap(({ key, endsAt }) => (now >= endsAt ? [] : [key.value])) ?? [],
        ),
    }),
    ...(given.longestLife !== undefined && { longestLife: given.longestLife }),
    ...(given.maxSignatures !== undefined && { maxSignatures: given.maxSignatures }),
    ...(given.plainNames !== undefined && { plainNames: given.plainNames }),
    ...(given.readsParameter !== undefined && { readsParameter: given.readsParameter }),
    fingerprint: given.fingerprint,
    isForeign: true,
    isLimited: true, // its `match` is the allowlist
  });
}
