/** The scheme of Bunny (token authentication v2): an HMAC-SHA256 over path, expiry and sorted parameters. */
import * as v from 'valibot';
import { isDigit } from '../ascii.ts';
import { Secret } from '../signing/digests.ts';
import { formDecode } from '../url/percent-encoding.ts';
import { secretText } from '../validation/secret.ts';
import { createScheme, type MatchedImage, type Scheme } from './definition.ts';
import { prefixes, readSchemeOptions, url } from './options.ts';
import { readExpiry, startOfPath } from './token-places.ts';
import { matchPath, onlyParameter, withoutParameters } from './url-parts.ts';
import { verifyBySigning } from './verify-by-signing.ts';

/** What `bunny` takes. */
export interface BunnyOptions {
  /** A hostname of the pull zone, such as `'https://shop.b-cdn.net'`; one, or a list. */
  readonly url: string | readonly string[];
  /** The pull zone's Token Authentication Key. */
  readonly key: string | undefined;
  /**
   * Folders whose images may be signed, such as `'uploads/'`.
   * @default none: `authorize` is required
   */
  readonly prefixes?: string | readonly string[] | undefined;
}

const entries = {
  url,
  key: secretText(
    "the pull zone's Token Authentication Key",
    "It stands in the pull zone's settings, under Security.",
  ),
  prefixes: v.optional(prefixes),
} satisfies Record<keyof BunnyOptions, v.GenericSchema>;

/**
 * Images of a Bunny pull zone that has Token Authentication on. Parameters other than `token` and `expires` stay as
 * written, between these two, and are signed as well: `token_countries` and `limit` take effect.
 *
 * Bunny signs the path and the expiry with nothing between them. The token of `/photos/1234` is therefore also a token of
 * `/photos/123` that never expires. URLs whose path ends with a digit are not signed, unless the digit ends a file
 * extension such as `.mp4`; neither are those whose first parameter, in alphabetical order, begins with a digit. Not
 * signed either: a parameter that occurs twice, `token_path` and `token_ignore_params`, and a directory token in the path.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Bunny, "Advanced token authentication" (https://bunny.net/docs/cdn/security/token-authentication/advanced)
 * @example
 * ```ts
 * const scheme = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function bunny(options: BunnyOptions): Scheme<MatchedImage> {
  const { url: bases, key, prefixes: folders } = readSchemeOptions('bunny', entries, options);
  const secret = new Secret(key);

  const strip = (url: string): string => withoutParameters(url, isToken);
  // The order of Bunny's own libraries: the token first, the expiry last.
  const sign = (url: string, { exp }: { readonly exp: number }): string => {
    const question = url.indexOf('?');
    const end = question < 0 ? url.length : question;
    const signed = `${url.slice(startOfPath(url), end)}${exp}${signedParameters(url.slice(end + 1))}`;
    const token = `token=HS256-${secret.mac('sha256', signed, 'base64url')}`;
    const others = question < 0 ? '' : `&${url.slice(question + 1)}`;
    return `${url.slice(0, end)}?${token}${others}&expires=${exp}`;
  };
  const readTerms = (url: string) => {
    if (strip(url) === url) return 'missing';
    const exp = readExpiry(onlyParameter(url, 'expires'));
    return exp === undefined ? 'malformed' : { exp, ttl: 0, step: 0 };
  };

  return createScheme(
    {
      name: 'bunny',
      bases,
      match: (url, place) => {
        const image = matchPath(url, place, folders);
        if (image === undefined || !isPathUnambiguous(url.slice(startOfPath(url), place.query)))
          return undefined;
        if (place.query === url.length) return image;
        return isQueryUnambiguous(strip(url).slice(place.query + 1)) ? image : undefined;
      },
      isTokenParameter: isToken,
      strip,
      sign,
      verify: (url, now) => verifyBySigning(url, now, { strip, sign, readTerms }),
      fingerprint: JSON.stringify(['bunny', bases.map(({ text }) => text), folders, secret.fingerprint]),
    },
    { isLimited: folders !== undefined },
  );
}

function isToken(name: string): boolean {
  return name === 'token' || name === 'expires';
}

/** Bunny signs another path for `token_path`, and no other parameter beside `token_ignore_params`. */
const changesToken: ReadonlySet<string> = new Set(['token', 'expires', 'token_path', 'token_ignore_params']);

/** The digits at the end of the path could be read as the first digits of the expiry: see `bunny`. */
function isPathUnambiguous(path: string): boolean {
  if (path.startsWith('/bcdn_token=')) return false;
  return !isDigit(path.charCodeAt(path.length - 1)) || /\.[a-z]+\d$/i.test(path);
}

/** A first name that begins with a digit could be read as the last digits of the expiry: see `bunny`. */
function isQueryUnambiguous(query: string): boolean {
  const names = readParameters(query).map(([name]) => name);
  if (new Set(names).size < names.length) return false;
  if (names.some((name) => changesToken.has(name.toLowerCase()))) return false;
  return !/^\d/.test(names.sort()[0] ?? '') && !names.includes('');
}

/** The decoded parameters by name, as they are signed. */
function signedParameters(query: string): string {
  if (query === '') return '';
  return readParameters(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function readParameters(query: string): [name: string, value: string][] {
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return [formDecode(parameter), ''];
      return [formDecode(parameter.slice(0, equals)), formDecode(parameter.slice(equals + 1))];
    });
}
