/** `edgeAuth`: tokens of Akamai's EdgeAuth (Auth Token 2.0), which Cloudinary and Uploadcare use as well. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { asName, expected, invalidOption } from '../validation/message.ts';
import { flag, parameterName, type Schema, secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { type NameProblem, nameProblemOf } from './object-name.ts';
import { parameters, type QueryOptions, readSchemeOptions, storeEntries, url } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { hexText, keyOf, secretOf, secretsOf } from './secrets.ts';
import { onlyParameter } from './url-parts.ts';
import { termsOfExpiry } from './verify-by-signing.ts';

/** The options of `edgeAuth`. */
export interface EdgeAuthOptions extends QueryOptions {
  /** Where the images are delivered, or a list: `https://photos.example/private`. */
  readonly url: string | readonly string[];
  /**
   * The encryption key, in hex; a list, of which the first signs; or a function. The type allows `undefined` only for
   * environment variables.
   */
  readonly key: SecretOption<string> | undefined;
  /**
   * The store. Akamai's tokens have the parameter `__token__` and the kind `url`, Cloudinary's have `__cld_token__` and the
   * kind `url`, Uploadcare's have `token` and the kind `acl`.
   * @default 'akamai'
   */
  readonly preset?: 'akamai' | 'cloudinary' | 'uploadcare' | undefined;
  /** The name of the token's parameter. @default the preset's */
  readonly token?: string | undefined;
  /**
   * With `'url'`, the path is signed, but is not part of the token. With `'acl'`, the token contains its path. Both open only
   * this path.
   * @default the preset's
   */
  readonly kind?: 'url' | 'acl' | undefined;
  /** Akamai's "Escape token input", for tokens of the kind `url`. @default false */
  readonly escapeEarly?: boolean | undefined;
  /** Akamai's "Salt". @default none */
  readonly salt?: string | undefined;
}

/** What differs between the stores. */
interface Preset {
  readonly token: string;
  readonly kind: 'url' | 'acl';
  /** Where the user finds the key, as a sentence. */
  readonly keyPlace: string;
  /** Escapes a path in the signed text as the store's own library does. */
  readonly escape?: (path: string) => string;
  /** The path of an Uploadcare file ends with a slash, unless it has a name: `/<uuid>/`, `/<uuid>/-/preview/`. */
  readonly hasTrailingSlashes?: boolean;
  /**
   * Matches a decoded path that asks for more than the image: a second image in the picture, metadata, or work that costs the
   * account money. Anyone who can post a comment could ask for that.
   */
  readonly asksForMore?: RegExp;
}

const presets: Readonly<Record<NonNullable<EdgeAuthOptions['preset']>, Preset>> = {
  akamai: {
    token: '__token__',
    kind: 'url',
    keyPlace: 'It is in the property at Akamai, under Auth Token 2.0 Verification.',
  },
  cloudinary: {
    token: '__cld_token__',
    kind: 'url',
    keyPlace: 'Cloudinary provides it with token-based authentication.',
    escape: escapeUnsafe,
    // Overlays, underlays, default images; remote functions, metadata, generated images.
    asksForMore: /(?:^|[/,])(?:[dlu]_|fn_|fl_getinfo|e_upscale|(?:e|b)_[^/,]*gen_)/i,
  },
  uploadcare: {
    token: 'token',
    kind: 'acl',
    keyPlace: "Uploadcare shows it in the project's settings, under Delivery.",
    hasTrailingSlashes: true,
    asksForMore: /\/-\/(?:overlay\/(?!self\/)|json\/|metadata\/|main_colors\/)/i,
  },
};

/** As `akamai-edgeauth` does: more characters than `encodeURIComponent`, and escapes in lower case. */
function escapeAll(path: string): string {
  return encodeURIComponent(path)
    .replace(/%[\dA-F]{2}/g, (escaped) => escaped.toLowerCase())
    .replace(/[~'*]/g, escapeOf);
}

/** As Cloudinary's libraries do. */
function escapeUnsafe(path: string): string {
  return path.replace(/[ "#%&'/:;<=>?@[\]^`{|}~]/g, escapeOf);
}

function escapeOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

/**
 * Escapes characters that are bare in a path. The path of an acl token is in the query, where `&` ends a parameter, and where
 * browsers or this package escape the others.
 */
function respellForQuery(path: string): string {
  return path.replace(/[&'[\]]/g, (character) => escapeOf(character).toUpperCase());
}

function oneOf<const T extends string>(names: readonly T[]): Schema<T> {
  const list = names.map((name) => `'${name}'`).join(' or ');
  return v.picklist(names, expected(list, 'Leave it out for the default.', asName));
}

const saltHint = 'It is the option Salt of Auth Token 2.0 Verification. Leave it out if that is empty.';

/** Names of tokens in Akamai's products, and at Cloudinary. */
const tokenParameters: readonly string[] = ['__token__', 'hdnts', 'hdnea', 'hdntl', '__cld_token__'];

/**
 * Images behind Akamai's "Auth Token 2.0 Verification", and at Cloudinary and Uploadcare, which check the same tokens. The
 * token is appended to the query, as `exp=…~hmac=…` or, for `kind: 'acl'`, as `exp=…~acl=…~hmac=…`.
 *
 * A token is valid for only one path. A path is not signed if it contains a `~`, which separates the parts of a token, or, for
 * an acl token, a `*`, `?` or `!`, which are wildcards and separators there. A path that shows a second image is not signed
 * either: at Cloudinary a part that begins with `l_`, `u_` or `d_`, at Uploadcare `-/overlay/`.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Akamai, "Auth Token 2.0 Verification" (https://techdocs.akamai.com/property-mgr/docs/auth-token-2-0-verification)
 * @see Cloudinary, "Token-based authentication" (https://cloudinary.com/documentation/control_access_to_media#token_based_authentication)
 * @see Uploadcare, "Secure delivery" (https://uploadcare.com/docs/security/secure-delivery/)
 * @example
 * ```ts
 * const scheme = edgeAuth({ url: 'https://photos.example', key: process.env.EDGE_AUTH_KEY, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function edgeAuth(options: EdgeAuthOptions): Scheme<SchemeImage<'edge-auth'>> {
  const { preset: owner, token: chosen } = Object(options);
  const preset = Object.hasOwn(presets, owner) ? presets[owner as keyof typeof presets] : presets.akamai;
  const names = new Set([...tokenParameters, chosen ?? preset.token]);
  const isToken = (name: string): boolean => names.has(name);
  const entries = {
    url,
    key: secretsOf('key', keyOf(secretOf(hexText('the key in hex', preset.keyPlace), 'hex'))),
    preset: v.optional(oneOf(['akamai', 'cloudinary', 'uploadcare']), 'akamai'),
    token: v.optional(parameterName(/^[\w-]{1,32}$/, "For example, '__token__' or 'hdnts'."), preset.token),
    kind: v.optional(oneOf(['url', 'acl']), preset.kind),
    escapeEarly: v.optional(flag, false),
    salt: v.optional(secretText('the salt', saltHint)),
    ...storeEntries,
    parameters: parameters(isToken),
  } satisfies Record<keyof EdgeAuthOptions, v.GenericSchema>;
  const { url: bases, key: secrets, ...given } = readSchemeOptions('edgeAuth', entries, options);
  const { token, kind, escapeEarly, salt } = given;
  if (escapeEarly && preset !== presets.akamai)
    throw invalidOption(
      'escapeEarly',
      `expected it only with preset: 'akamai', got preset: '${given.preset}', which always escapes in the same way. Leave it out.`,
    );
  const isUrl = kind === 'url';
  const escapePath = preset.escape ?? (isUrl && escapeEarly ? escapeAll : undefined);
  const salted = salt === undefined ? '' : `~salt=${salt}`;
  return createQueryScheme({
    name: 'edge-auth',
    bases,
    ...given,
    secrets,
    settings: [given.preset, token, kind, escapeEarly, salt && new Secret(salt).fingerprint],
    isTokenParameter: isToken,
    readsParameter: () => false,
    hasFreePath: preset.hasTrailingSlashes,
    match: ({ id }) => (preset.asksForMore?.test(percentDecode(id)) ? undefined : {}),
    nameProblem: (address, place) => problemOf(address.slice(place.path, place.query), isUrl, preset),
    ...(!isUrl && { respell: respellForQuery }),
    sign({ path }, { exp }, { key }) {
      const escaped = escapePath === undefined ? path : escapePath(path);
      const sent = isUrl ? `exp=${exp}` : `exp=${exp}~acl=${escaped}`;
      const hmac = key.mac('sha256', `${sent}${isUrl ? `~url=${escaped}` : ''}${salted}`, 'hex');
      return `${token}=${sent}~hmac=${hmac}`;
    },
    readTerms: (address) => termsOfExpiry(/^exp=(\d+)~/.exec(onlyParameter(address, token) ?? '')?.[1]),
  });
}

function problemOf(path: string, isUrl: boolean, { hasTrailingSlashes }: Preset): NameProblem | undefined {
  const name = percentDecode(percentDecode(path)); // an edge may decode a path before it compares, and an acl as well
  // In a URL token, the path is signed after the expiry: the text after a `~` could be a part of the token, such as an acl.
  if ((isUrl ? /~/ : /[~*?!]/).test(name)) return 'edge-token-character';
  return hasTrailingSlashes ? nameProblemOf(path.replace(/\/$/, ''), true) : undefined;
}
