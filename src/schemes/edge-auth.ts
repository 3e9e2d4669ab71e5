/** `edgeAuth`: tokens of Akamai's EdgeAuth (Auth Token 2.0), which Cloudinary and Uploadcare use as well. */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { asName, expected, expectedSecret, invalidOption } from '../validation/message.ts';
import { flag, type Schema, secretText } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { type NameProblem, nameProblemOf } from './object-name.ts';
import {
  parameterName,
  parameters,
  readSchemeOptions,
  type StoreOptions,
  storeEntries,
  url,
} from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { keyOf, secretsOf } from './secrets.ts';
import { onlyParameter, withoutParameters } from './url-parts.ts';
import { type TokenTerms, termsOfExpiry } from './verify-by-signing.ts';

/** The options of `edgeAuth`. */
export interface EdgeAuthOptions extends StoreOptions {
  /** Where the images are delivered, or a list: `https://photos.example/private`. */
  readonly url: string | readonly string[];
  /**
   * The encryption key, in hex; a list, of which the first signs; or a function. `undefined` is that of an environment
   * variable that is not set.
   */
  readonly key: SecretOption<string> | undefined;
  /**
   * Whose tokens they are. Akamai's have the parameter `__token__` and are of the kind `url`, Cloudinary's have
   * `__cld_token__` and are of the kind `url`, Uploadcare's have `token` and are of the kind `acl`.
   * @default 'akamai'
   */
  readonly preset?: 'akamai' | 'cloudinary' | 'uploadcare' | undefined;
  /** The parameter that carries the token. @default that of `preset` */
  readonly parameter?: string | undefined;
  /**
   * `'url'`: the path is signed, and is no part of the token. `'acl'`: the token says the path for which it is. Either opens
   * this path alone.
   * @default that of `preset`
   */
  readonly token?: 'url' | 'acl' | undefined;
  /** Akamai's "Escape token input". It decides about tokens of the kind `url`. @default false */
  readonly escapeEarly?: boolean | undefined;
  /** Akamai's "Salt". @default none */
  readonly salt?: string | undefined;
  /**
   * Parameters that stay on a URL, by name. They are not signed: whoever has the URL may change them. All others are taken
   * off.
   * @default names that tell versions of an image apart: v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format,
   *   fit, dpr, auto
   */
  readonly parameters?: string | readonly string[] | undefined;
}

/** What differs between the stores. */
interface Preset {
  readonly parameter: string;
  readonly token: 'url' | 'acl';
  /** As the store's own library escapes a path in what is signed. @param isUrl - whether the token is of the kind `url` */
  escape(path: string, isUrl: boolean, escapeEarly: boolean): string;
  /** The path of a file of Uploadcare ends with a slash, unless it has a name: `/<uuid>/`, `/<uuid>/-/preview/`. */
  readonly hasTrailingSlashes: boolean;
  /** Where its owner finds the key, as a sentence. */
  readonly keyPlace: string;
  /**
   * A part of a path, decoded, that asks for more than the image: for a further one in the picture, for what is known of it,
   * or for work that the account pays for. Whoever writes a URL into a comment would get that.
   */
  readonly asksForMore?: RegExp;
}

const presets: Readonly<Record<NonNullable<EdgeAuthOptions['preset']>, Preset>> = {
  akamai: {
    parameter: '__token__',
    token: 'url',
    escape: (path, isUrl, escapeEarly) => (isUrl && escapeEarly ? escapeAll(path) : path),
    hasTrailingSlashes: false,
    keyPlace: 'Akamai has it in the property, under Auth Token 2.0 Verification.',
  },
  cloudinary: {
    parameter: '__cld_token__',
    token: 'url',
    escape: escapeUnsafe,
    hasTrailingSlashes: false,
    keyPlace: 'Cloudinary gives it with token-based authentication.',
    // Overlays, underlays, images in the place of one that is not there; generated ones, remote functions, metadata.
    asksForMore: /(?:^|[/,])(?:[dlu]_|fn_|fl_getinfo|e_upscale|(?:e|b)_[^/,]*gen_)/i,
  },
  uploadcare: {
    parameter: 'token',
    token: 'acl',
    escape: (path) => path,
    hasTrailingSlashes: true,
    keyPlace: 'Uploadcare shows it in the settings of the project, under Delivery.',
    asksForMore: /\/-\/(?:overlay\/(?!self\/)|json\/|metadata\/|main_colors\/)/i,
  },
};

/** As `akamai-edgeauth` does: further characters than `encodeURIComponent`, and escapes in lower case. */
function escapeAll(path: string): string {
  return encodeURIComponent(path)
    .replace(/%[\dA-F]{2}/g, (escaped) => escaped.toLowerCase())
    .replace(/[~'*]/g, escapeOf);
}

/** As Cloudinary's own libraries do. */
function escapeUnsafe(path: string): string {
  return path.replace(/[ "#%&'/:;<=>?@[\]^`{|}~]/g, escapeOf);
}

function escapeOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}

/**
 * Bare in a path, and escaped here: in a query, where the path of an acl token stands, `&` ends a parameter, and browsers or
 * this package write the others as escapes.
 */
function respellForQuery(path: string): string {
  return path.replace(/[&'[\]]/g, (character) => escapeOf(character).toUpperCase());
}

function keyOfPreset({ keyPlace }: Preset): Schema<Secret> {
  const hint = `Two of 0-9 and a-f for each byte. ${keyPlace}`;
  return v.pipe(
    secretText('the key in hex', hint),
    v.check((text) => /^(?:[\da-f]{2})+$/i.test(text), expectedSecret('the key in hex', hint)),
    v.transform((text) => new Secret(Buffer.from(text, 'hex'))),
  );
}

function oneOf<const T extends string>(names: readonly T[], hint: string): Schema<T> {
  return v.picklist(names, expected(names.map((name) => `'${name}'`).join(' or '), hint, asName));
}

const saltHint = 'It is the option Salt of Auth Token 2.0 Verification; leave it out if that is empty.';

/** Names of tokens at Akamai, by the product, and at Cloudinary. */
const tokenParameters: readonly string[] = ['__token__', 'hdnts', 'hdnea', 'hdntl', '__cld_token__'];

/**
 * Images behind Akamai's "Auth Token 2.0 Verification", and those of Cloudinary and Uploadcare, which check the same tokens.
 * The token goes to the end of the query, as `exp=…~hmac=…` or, for `token: 'acl'`, as `exp=…~acl=…~hmac=…`.
 *
 * A token is for its path alone. A path with a `~`, which separates the parts of a token, is not signed; and neither is one
 * with `*`, `?` or `!` for an acl token, where they are wildcards and separators. A path that shows a further image is not
 * signed either: at Cloudinary a part that begins with `l_`, `u_` or `d_`, at Uploadcare `-/overlay/`.
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
  const { preset: owner, parameter: chosen } = Object(options);
  const preset = Object.hasOwn(presets, owner) ? presets[owner as keyof typeof presets] : presets.akamai;
  const names = new Set([...tokenParameters, chosen ?? preset.parameter]);
  const isToken = (name: string): boolean => names.has(name);
  const {
    url: bases,
    key: secrets,
    from,
    prefixes,
    ...given
  } = readSchemeOptions(
    'edgeAuth',
    {
      url,
      key: secretsOf('key', keyOf(keyOfPreset(preset))),
      preset: v.optional(oneOf(['akamai', 'cloudinary', 'uploadcare'], 'Leave it out for Akamai.'), 'akamai'),
      parameter: v.optional(
        parameterName("Such as '__token__' or 'hdnts'.", /^[\w-]{1,32}$/),
        preset.parameter,
      ),
      token: v.optional(
        oneOf(['url', 'acl'], 'Leave it out for the kind that the preset has.'),
        preset.token,
      ),
      escapeEarly: v.optional(flag, false),
      salt: v.optional(secretText('the salt', saltHint)),
      ...storeEntries,
      parameters: parameters(isToken),
    },
    options,
  );
  const { parameter, escapeEarly } = given;
  if (escapeEarly && preset !== presets.akamai)
    throw invalidOption(
      'escapeEarly',
      `expected it for Akamai alone. ${given.preset} has one way to escape: leave it out.`,
    );
  const isUrl = given.token === 'url';
  const salt = given.salt === undefined ? '' : `~salt=${given.salt}`;
  const kept = new Set(given.parameters);
  return createQueryScheme({
    name: 'edge-auth',
    bases,
    from,
    prefixes,
    secrets,
    settings: [
      given.preset,
      parameter,
      given.token,
      escapeEarly,
      given.salt && new Secret(given.salt).fingerprint,
      given.parameters,
    ],
    isTokenParameter: isToken,
    signsParameter: (name) => kept.has(name),
    readsParameter: () => false,
    hasFreePath: preset.hasTrailingSlashes,
    match: ({ id }) => (preset.asksForMore?.test(percentDecode(id)) ? undefined : {}),
    nameProblem: (address, place) => problemOf(address.slice(place.path, place.query), isUrl, preset),
    ...(!isUrl && { respell: respellForQuery }),
    sign({ path }, { exp }, { key: secret }) {
      const escaped = preset.escape(path, isUrl, escapeEarly);
      const sent = isUrl ? `exp=${exp}` : `exp=${exp}~acl=${escaped}`;
      const hmac = secret.mac('sha256', `${sent}${isUrl ? `~url=${escaped}` : ''}${salt}`, 'hex');
      return `${parameter}=${sent}~hmac=${hmac}`;
    },
    readTerms(address): TokenTerms {
      if (withoutParameters(address, isToken) === address) return 'missing';
      const [, exp] = /^exp=(\d+)~/.exec(onlyParameter(address, parameter) ?? '') ?? [];
      return termsOfExpiry(exp);
    },
  });
}

function problemOf(path: string, isUrl: boolean, { hasTrailingSlashes }: Preset): NameProblem | undefined {
  const name = percentDecode(percentDecode(path)); // an edge may decode a path before it compares, and an acl as well
  // Of a URL token the path is signed behind the expiry: what follows a `~` could be a part of the token, such as an acl.
  if ((isUrl ? /~/ : /[~*?!]/).test(name)) return 'edge-token-character';
  return hasTrailingSlashes ? nameProblemOf(path.replace(/\/$/, ''), true) : undefined;
}
