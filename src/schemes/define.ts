/** `defineScheme`: a scheme of the app's own. */
import * as v from 'valibot';
import { asName, asNumber, expected } from '../validation/message.ts';
import { callable, flag } from '../validation/schema.ts';
import { createScheme, type MatchedImage, type Scheme, type SchemeDefinition } from './definition.ts';
import { from } from './from.ts';
import { maxSignatures, readSchemeOptions, url } from './options.ts';

const text = (what: string, hint: string) =>
  v.pipe(v.string(expected(what, hint)), v.nonEmpty(expected(what, hint)));

const entries = {
  name: v.pipe(
    text('a short name', "Such as 'my-cdn'."),
    v.check(
      (name) => /^[a-z][a-z\d-]{0,31}$/.test(name),
      expected('a name of small letters, digits and -', "Such as 'my-cdn'.", asName),
    ),
  ),
  bases: url,
  from: v.optional(from),
  match: callable<SchemeDefinition['match']>(
    'It gets a URL, and returns { id }, or undefined for one that is not to be signed.',
  ),
  strip: callable<SchemeDefinition['strip']>('It gets a URL, and returns it without a token.'),
  sign: callable<SchemeDefinition['sign']>(
    'It gets a URL and { exp, ttl, step }, and returns the URL with a token.',
  ),
  verify: v.optional(
    callable<NonNullable<SchemeDefinition['verify']>>(
      'It gets a URL and Unix seconds, and returns { ok: true, expiresAt } or { ok: false, reason }.',
    ),
  ),
  readsParameter: v.optional(
    callable<NonNullable<SchemeDefinition['readsParameter']>>(
      'It gets the name of a parameter, and returns whether the store gives it a meaning.',
    ),
  ),
  longestLife: v.optional(
    v.custom<number>(
      (input) => Number.isInteger(input) && (input as number) > 0,
      expected(
        'whole seconds above 0',
        'Seven days are 604800. Leave it out if tokens may live as long as they like.',
        asNumber,
      ),
    ),
  ),
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
export function defineScheme<Image extends MatchedImage>(definition: SchemeDefinition<Image>): Scheme<Image> {
  const {
    match,
    longestLife,
    maxSignatures: signatures,
    plainNames,
    ...rest
  } = readSchemeOptions('defineScheme', entries, definition);
  const { verify, readsParameter, ...required } = rest;
  return createScheme<Image>({
    ...required,
    match: match as SchemeDefinition<Image>['match'],
    ...(verify !== undefined && { verify }),
    ...(longestLife !== undefined && { longestLife }),
    ...(signatures !== undefined && { maxSignatures: signatures }),
    ...(plainNames !== undefined && { plainNames }),
    ...(readsParameter !== undefined && { readsParameter }),
    isForeign: true,
    isLimited: true, // its `match` is the allowlist
  });
}
