/** `jwt`: a JSON Web Token (RFC 7519) by HMAC-SHA256 in a query parameter, whose claims the app makes of the URL. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { asName, expected, expectedSecret, printableName } from '../validation/message.ts';
import { isRecord, type Schema, secretText, synchronous } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption, UrlParts } from './definition.ts';
import { type Claims, checkTrial, claimsHint, claimsOf, coversQuery } from './jwt-claims.ts';
import { absoluteUrl, parameters, readSchemeOptions, type StoreOptions, storeEntries } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { endOf, expiration, type HeldSecret, secretsOf } from './secrets.ts';
import { onlyParameter, partsOf, withoutParameters } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `jwt`. */
export interface JwtOptions extends StoreOptions {
  /** Where the images are delivered, or a list: `https://images.example/private`. */
  readonly url: string | readonly string[];
  /**
   * The secret, as text; a list, of which the first signs; or a function. `{ value, expiration, parameters: { policy } }` ends,
   * and adds a parameter to each URL, as an asset key of Contentful has to.
   */
  readonly secret:
    | SecretOption<string, { readonly parameters?: Readonly<Record<string, string>> | undefined }>
    | undefined;
  /** The parameter with the token. @default 'token' */
  readonly parameter?: string | undefined;
  /**
   * The claims of the token, to which `exp` is added: `({ origin, path }) => ({ sub: origin + path })`. They are what a token
   * opens: claims that are the same for two URLs are refused. The same URL gives the same claims.
   */
  claims(url: UrlParts): Readonly<Record<string, unknown>>;
  /**
   * Parameters of a URL that stay, by name, whether the claims cover them or not. All others are taken off: whoever writes a
   * URL into a comment could ask for something else in the site's name.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

interface JwtSecret extends HeldSecret {
  readonly key: Secret;
  /** Parameters of each URL, by name. */
  readonly names: readonly string[];
  /** The same, percent-encoded, with a separator at the end. */
  readonly added: string;
}

const secretHint = 'It is what the service that verifies the tokens has.';
const key = secretText('the secret of the tokens', secretHint);
const parameterHint = "Such as 'token'.";

const parameterName = v.pipe(
  v.string(expected('the name of a parameter', parameterHint)),
  v.check(
    (text) => /^[\w.~-]{1,64}$/.test(text),
    expected('letters, digits and - . _ ~', parameterHint, asName),
  ),
);

const wrapped = v.strictObject(
  {
    value: key,
    expiration,
    parameters: v.optional(
      v.record(
        parameterName,
        v.pipe(
          v.string(expectedSecret('a text', secretHint)),
          v.nonEmpty(expectedSecret('a text', secretHint)),
        ),
        expectedSecret('an object of texts', 'Such as { policy }.'),
      ),
      {},
    ),
  },
  (issue) =>
    issue.expected === 'never'
      ? 'is not part of a secret. It has value, expiration, parameters.'
      : expectedSecret('the text of a secret as `value`', 'Write { value, expiration, parameters }.')(issue),
);

const secret: Schema<JwtSecret> = v.pipe(
  v.lazy(
    (input): Schema<{ value: string; expiration?: Date | undefined; parameters?: Record<string, string> }> =>
      isRecord(input) && Object.hasOwn(input, 'value')
        ? wrapped
        : v.pipe(
            key,
            v.transform((value) => ({ value })),
          ),
  ),
  v.transform(({ value, expiration: end, parameters: given = {} }): JwtSecret => {
    const held = new Secret(value);
    const added = Object.entries(given).map(([name, text]) => `${name}=${encodeURIComponent(text)}&`);
    return {
      key: held,
      names: Object.keys(given),
      added: added.join(''),
      endsAt: endOf(end),
      fingerprint: `${held.fingerprint}${added.length === 0 ? '' : new Secret(added.join('')).fingerprint}`,
    };
  }),
);

/** @param token - the name of the token's parameter, which a URL may have once */
function secretBeside(token: string): Schema<JwtSecret> {
  return v.pipe(
    secret,
    v.check(
      ({ names }) => !names.includes(token),
      () =>
        `expected parameters beside \`${printableName(token)}\`, got one of that name. Rename \`parameter\`.`,
    ),
  );
}

/** `{"alg":"HS256","typ":"JWT"}` */
const header = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';

/**
 * Images behind a service that takes JSON Web Tokens, such as Contentful's embargoed assets, or a gateway of your own. Tokens
 * are HS256 alone. To verify one it is made again and compared: what its header says is never read.
 *
 * `claims` is tried when the scheme is made, and again for each URL that is signed: beside another name, another folder, and
 * another case. A URL whose claims are the same as those of another one is not signed (`SCHEME_FAILED`), since its token
 * would open that as well. It is a sample, and no proof: `checkScheme` tries more.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see RFC 7519; Contentful, "Asset keys"
 *   (https://www.contentful.com/developers/docs/references/content-management-api/asset-keys/)
 * @example
 * ```ts
 * const scheme = jwt({
 *   url: 'https://images.example/private',
 *   secret: process.env.JWT_SECRET,
 *   claims: ({ origin, path }) => ({ sub: origin + path }),
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function jwt(options: JwtOptions): Scheme<SchemeImage<'jwt'>> {
  const token = Object(options).parameter ?? 'token';
  const entries = {
    url: absoluteUrl,
    secret: secretsOf('secret', secretBeside(token)),
    parameter: v.optional(parameterName, 'token'),
    claims: synchronous<Claims>(
      `It gets the parts of a URL, and returns the claims of its token. ${claimsHint}`,
    ),
    ...storeEntries,
    parameters: parameters((name) => name === token),
  } satisfies Record<keyof JwtOptions, v.GenericSchema>;
  const { url: bases, secret: secrets, claims, ...given } = readSchemeOptions('jwt', entries, options);
  const { parameter, parameters: kept, prefixes } = given;
  const [base] = bases;
  const trial = partsOf(`${base!.text}/${prefixes?.[0] ?? ''}a.jpg`, undefined);
  checkTrial(claims, trial);
  const isToken = (name: string): boolean =>
    name === parameter || secrets.all().some(({ names }) => names.includes(name));
  return createQueryScheme({
    name: 'jwt',
    bases,
    ...given,
    secrets,
    settings: [parameter, kept],
    isTokenParameter: isToken,
    signsParameter: (name) => kept.includes(name),
    ...(!coversQuery(claims, trial) && { readsParameter: () => false }),
    isForeign: true,
    sign(parts, { exp }, { key: secretKey, added }) {
      const made = claimsOf(claims, parts);
      // Into the text: whatever the claims are, a token without an expiry is never made.
      const payload = `${made.slice(0, -1)}${made === '{}' ? '' : ','}"exp":${exp}}`;
      const text = `${header}.${Buffer.from(payload).toString('base64url')}`;
      return `${added}${parameter}=${text}.${secretKey.mac('sha256', text, 'base64url')}`;
    },
    readTerms(url) {
      if (withoutParameters(url, isToken) === url) return 'missing';
      const payload = onlyParameter(url, parameter)?.split('.')[1] ?? '';
      return termsOfExpiry(/[{,]"exp":(\d+)\}$/.exec(Buffer.from(payload, 'base64url').toString())?.[1]);
    },
  });
}
