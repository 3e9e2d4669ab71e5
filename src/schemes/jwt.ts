/** `jwt`: a JSON Web Token (RFC 7519) with HMAC-SHA256 in a query parameter. The app derives its claims from the URL. */
import * as v from 'valibot';
import { swallowRejection } from '../rejection.ts';
import { asName, describe, expectedSecret, invalidOption, printableName } from '../validation/message.ts';
import { isRecord, type Schema, secretText, synchronous, textLike } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption, UrlParts } from './definition.ts';
import { absoluteUrl, parameters, type QueryOptions, readSchemeOptions, storeEntries } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, secretOf, secretsOf } from './secrets.ts';
import { onlyParameter, partsOf, startOfPath } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `jwt`. */
export interface JwtOptions extends QueryOptions {
  /** Where the images are delivered, or a list: `https://images.example/private`. */
  readonly url: string | readonly string[];
  /**
   * The secret of the tokens, as text; a list, of which the first signs; or a function. With
   * `{ value, expiration, added: { policy } }` it ends, and adds a parameter to every URL, as Contentful's asset keys need.
   */
  readonly key:
    | SecretOption<string, { readonly added?: Readonly<Record<string, string>> | undefined }>
    | undefined;
  /** The name of the token's parameter. @default 'token' */
  readonly token?: string | undefined;
  /**
   * The claims of the token, to which `exp` is added: `({ origin, path }) => ({ sub: origin + path })`. They decide what a token
   * opens, so two URLs with the same claims are refused. The same URL must always give the same claims.
   */
  claims(url: UrlParts): Readonly<Record<string, unknown>>;
}

type Claims = JwtOptions['claims'];

const keyHint = 'The service that verifies the tokens has the same.';
const key = secretOf(secretText('the secret of the tokens', keyHint));
const claimsHint = 'For example, ({ origin, path }) => ({ sub: origin + path }).';

const parameterName = textLike(
  /^[\w.~-]{1,64}$/,
  'the name of a parameter, with letters, digits and - . _ ~',
  "For example, 'token'.",
  asName,
);

/** Further parameters of every URL. @param token - the name of the token's parameter, which a URL can have only once */
const addedBeside = (token: string): Schema<Readonly<Record<string, string>>> =>
  v.pipe(
    v.record(
      parameterName,
      v.pipe(v.string(expectedSecret('a text', keyHint)), v.nonEmpty(expectedSecret('a text', keyHint))),
      expectedSecret('an object of texts', 'For example, { policy }.'),
    ),
    v.check(
      (added) => !Object.hasOwn(added, token),
      () =>
        `expected parameters other than \`${printableName(token)}\`, got one of that name. Rename \`token\`.`,
    ),
  );

/** `{"alg":"HS256","typ":"JWT"}` */
const header = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';

/**
 * Images behind a service that accepts JSON Web Tokens, such as Contentful's embargoed assets, or your own gateway. All tokens
 * are HS256. A token is verified by making it again and comparing: its header is never read.
 *
 * `claims` is tried when the scheme is made and for every signed URL, with another name, another folder and another case. A
 * URL with the same claims as another is not signed (`SCHEME_FAILED`), since its token would open that one as well. This is a
 * sample, not a proof: `checkScheme` tries more.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see RFC 7519; Contentful, "Asset keys"
 *   (https://www.contentful.com/developers/docs/references/content-management-api/asset-keys/)
 * @example
 * ```ts
 * const scheme = jwt({
 *   url: 'https://images.example/private',
 *   key: process.env.JWT_SECRET,
 *   claims: ({ origin, path }) => ({ sub: origin + path }),
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function jwt(options: JwtOptions): Scheme<SchemeImage<'jwt'>> {
  const chosen = Object(options).token ?? 'token';
  const entries = {
    url: absoluteUrl,
    key: secretsOf('key', keyOf(key, 'added', addedBeside(String(chosen)))),
    token: v.optional(parameterName, 'token'),
    claims: synchronous<Claims>(
      `It receives a URL's parts, and returns the claims of its token. ${claimsHint}`,
    ),
    ...storeEntries,
    parameters: parameters((name) => name === chosen),
  } satisfies Record<keyof JwtOptions, v.GenericSchema>;
  const { url: bases, key: secrets, claims, ...given } = readSchemeOptions('jwt', entries, options);
  const { token } = given;
  const trial = partsOf(`${bases[0]!.text}/${given.prefixes?.[0] ?? ''}a.jpg`, undefined);
  checkTrial(claims, trial);
  return createQueryScheme({
    name: 'jwt',
    bases,
    ...given,
    secrets,
    settings: [token],
    isTokenParameter: (name) =>
      name === token || secrets.all().some(({ name: added = {} }) => Object.hasOwn(added, name)),
    ...(!coversQuery(claims, trial) && { readsParameter: () => false }),
    isForeign: true,
    sign(parts, { exp }, { key: secret, name: added = {} }) {
      const made = claimsOf(claims, parts);
      // `exp` is added to the text, so that every token has an expiry, whatever the claims are.
      const payload = `${made.slice(0, -1)}${made === '{}' ? '' : ','}"exp":${exp}}`;
      const text = `${header}.${Buffer.from(payload).toString('base64url')}`;
      const before = Object.entries(added).map(([name, value]) => `${name}=${encodeURIComponent(value)}&`);
      return `${before.join('')}${token}=${text}.${secret.mac('sha256', text, 'base64url')}`;
    },
    readTerms(url) {
      const payload = onlyParameter(url, token)?.split('.')[1] ?? '';
      return termsOfExpiry(/[{,]"exp":(\d+)\}$/.exec(Buffer.from(payload, 'base64url').toString())?.[1]);
    },
  });
}

/**
 * @returns JSON
 * @throws Error for invalid claims, or for claims that another URL has as well
 */
function claimsOf(claims: Claims, parts: UrlParts): string {
  const text = readClaims(claims(parts));
  // Claims that contain the whole path are nearly always unique. All others are compared.
  if (!text.includes(parts.path)) requireDistinct(claims, parts, text);
  return text;
}

function readClaims(made: unknown): string {
  if (swallowRejection(made) || !isRecord(made) || Object.hasOwn(made, 'exp'))
    throw new Error(
      `claims expected to return an object without exp, which the scheme adds, got ${describe(made)}. ${claimsHint}`,
    );
  const text = JSON.stringify(made);
  if (!text.startsWith('{'))
    throw new Error(`claims expected to return plain data, got an object with toJSON(). ${claimsHint}`);
  return text;
}

function requireDistinct(claims: Claims, parts: UrlParts, text: string): void {
  if (othersThan(parts).some((other) => textOf(claims, other) === text))
    throw new Error(`claims returned the same for two URLs, so one token would open both. ${claimsHint}`);
}

/** @returns undefined if the app's function throws, because the URL is not an image of the app */
function textOf(claims: Claims, parts: UrlParts): string | undefined {
  try {
    return JSON.stringify(claims(parts));
  } catch {
    return undefined;
  }
}

/** Another name; another folder; another case of the last letter, which is part of the extension where there is one. */
const changes: readonly ((path: string) => string)[] = [
  (path) => `${path}x`,
  (path) => `${path.slice(0, path.lastIndexOf('/') + 1)}x/${path.slice(path.lastIndexOf('/') + 1)}`,
  (path) =>
    path.replace(/[a-z](?=[^a-z]*$)/i, (letter) =>
      letter < 'a' ? letter.toLowerCase() : letter.toUpperCase(),
    ),
];

function othersThan({ url, origin, path, query, id }: UrlParts): readonly UrlParts[] {
  const at = startOfPath(url);
  return (
    changes
      .map((change) => ({
        url: url.slice(0, at) + change(path) + url.slice(at + path.length),
        origin,
        path: change(path),
        query,
        id: change(id),
      }))
      // The path's only letter may be part of an escape, and not of the name.
      .filter((other) => other.path !== path && other.id !== id)
  );
}

/**
 * @param trial - a URL under the base that names no real image
 * @throws ImageSignerError INVALID_OPTION
 */
function checkTrial(claims: Claims, trial: UrlParts): void {
  let made: unknown;
  try {
    made = claims(trial);
  } catch {
    return; // it refuses a URL that is not an image: real URLs are checked one by one
  }
  try {
    requireDistinct(claims, trial, readClaims(made));
  } catch (error) {
    throw invalidOption('claims', (error as Error).message);
  }
}

/** Whether the claims depend on the query. */
function coversQuery(claims: Claims, trial: UrlParts): boolean {
  const [one, other] = ['v=1', 'v=2'].map((query) =>
    textOf(claims, partsOf(`${trial.url}?${query}`, undefined)),
  );
  return one === undefined || one !== other;
}
