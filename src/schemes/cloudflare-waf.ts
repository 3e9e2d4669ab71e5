/** `cloudflareWaf`: tokens that a custom rule of Cloudflare's WAF checks. */
import * as v from 'valibot';
import { flag, parameterName } from '../validation/schema.ts';
import type { Scheme, SchemeImage, SecretOption } from './definition.ts';
import { normalSpelling } from './normal-spelling.ts';
import { readSchemeOptions, type StoreOptions, storeEntries, url } from './options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { textKey } from './secrets.ts';

/** The options of `cloudflareWaf`. */
export interface CloudflareWafOptions extends StoreOptions {
  /** Where the images are delivered, or a list: `https://photos.example/private`, or a path such as `/private`. */
  readonly url: string | readonly string[];
  /**
   * The secret in the rule; a list, of which the first signs; or a function. The type allows `undefined` only for environment
   * variables.
   */
  readonly key: SecretOption<string> | undefined;
  /** The name of the token's parameter. The rule's separator is `?` or `&`, this name and `=`. @default 'verify' */
  readonly token?: string | undefined;
  /** Whether the rule has the flag `'s'`. @default false */
  readonly urlSafe?: boolean | undefined;
}

const parameter = parameterName(
  /^[A-Za-z\d][\w-]{0,31}$/,
  "For example, 'verify', as in the rule's separator: letters, digits, _ and -.",
);

/**
 * Spells a text as Cloudflare's URL normalization does. The rule sees the normalized URL, so another spelling would have
 * another MAC.
 * @see Cloudflare Rules, "How URL normalization works"
 */
const normalize: (text: string) => string = normalSpelling(":/?#[]@!$&'()*+,;=");

/** As `encodeURIComponent` does, in a fifth of the time. */
const encodeBase64: (text: string) => string = normalSpelling('');

const normalUrl: typeof url = v.pipe(
  url,
  v.check(
    (bases) => bases.every(({ path }) => normalize(path) === path),
    () =>
      'expected a path without |, which Cloudflare rewrites to %7C. Deliver the images under another path.',
  ),
);

/**
 * Tokens for a rule with `is_timed_hmac_valid_v0`, which Cloudflare checks before its cache: for R2 custom domains, and for
 * any other server behind Cloudflare. The token's parameter is the last one in the URL, and those before it are signed.
 *
 * A token contains its time of issue, and the **rule** decides how long it is valid. The rule's lifetime must be
 * `ttl + stableFor`, in seconds: with `ttl: '3h'` and `stableFor: '1h'` it is 14,400. A single call's `ttl` cannot change
 * that. So this scheme does not verify URLs.
 *
 * This is the rule for the example below, with the action Block:
 * ```txt
 * http.host eq "photos.example" and starts_with(http.request.uri.path, "/private/") and not (
 *   len(http.request.uri.args["verify"][0]) gt 0 and
 *   is_timed_hmac_valid_v0("<key>", http.request.uri, 14400, http.request.timestamp.sec, 8)
 * )
 * ```
 * 8 is the length of `?verify=`. The function skips that many characters, whatever they are: without the line with `len`, the
 * token of `/private/12` would also open `/private/123?verif=…`.
 *
 * The format follows the formula in Cloudflare's documentation. The sample tokens there do not match their keys.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = cloudflareWaf({
 *   url: 'https://photos.example/private',
 *   key: process.env.WAF_KEY,
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '3h', stableFor: '1h' }));
 * ```
 * @see Cloudflare WAF, "Configure token authentication"
 * @see Cloudflare Ruleset Engine, "HMAC validation"
 */
export function cloudflareWaf(options: CloudflareWafOptions): Scheme<SchemeImage<'cloudflare-waf'>> {
  const {
    url: bases,
    key: secrets,
    ...given
  } = readSchemeOptions(
    'cloudflareWaf',
    {
      url: normalUrl,
      key: textKey('key', "the rule's secret", 'It is the first argument of is_timed_hmac_valid_v0.'),
      token: v.optional(parameter, 'verify'),
      urlSafe: v.optional(flag, false),
      ...storeEntries,
    },
    options,
  );
  return createQueryScheme({
    ...given,
    name: 'cloudflare-waf',
    bases,
    secrets,
    settings: [given.token, given.urlSafe],
    isTokenParameter: (name) => name === given.token,
    // The rule sees `a/b` for `a//b`, and the token of one would open the other.
    nameProblem: (url, { path, query }) =>
      url.slice(path, query).includes('//') ? 'empty-segment' : undefined,
    respell: normalize,
    respellQuery: normalize,
    sign({ path, query }, { exp, ttl, step }, { key }) {
      const issued = tenDigits(exp - (ttl + step));
      const message = `${path}${query === '' ? '' : `?${query}`}${issued}`;
      const mac = given.urlSafe
        ? key.mac('sha256', message, 'base64url')
        : encodeBase64(key.mac('sha256', message, 'base64'));
      return `${given.token}=${issued}-${mac}`;
    },
    hasFixedLife: true,
  });
}

/**
 * @param seconds - since 1970; the rule reads ten digits, which are enough from 2001 to 2286
 * @throws RangeError for a later time: the first of its eleven digits would count as the end of the message
 */
function tenDigits(seconds: number): string {
  if (seconds > 9_999_999_999) throw new RangeError('expected a time before 2286');
  return String(Math.max(0, seconds)).padStart(10, '0');
}
