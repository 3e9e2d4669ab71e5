/** The scheme of Bunny (token authentication v2): an HMAC-SHA256 over path, expiry and sorted parameters. */
import type * as v from 'valibot';
import type { Secret } from '../signing/digests.ts';
import { isDigit } from '../text/ascii.ts';
import { formDecode } from '../url/percent-encoding.ts';
import { hasMeaning, hasOneReading, type Parameter, serializeParameters } from './bunny-one-reading.ts';
import {
  createScheme,
  type Scheme,
  type SchemeImage,
  type SecretOption,
  type SignTerms,
} from './definition.ts';
import type { NameProblem } from './object-name.ts';
import { readSchemeOptions, type StoreOptions, storeEntries, url } from './options.ts';
import { type NamedKey, textKey } from './secrets.ts';
import { matchPath, onlyParameter, startOfPath, withoutParameters } from './url-parts.ts';
import { termsOfExpiry, verifyBySigning } from './verify-by-signing.ts';
import { afterToken, type UrlPlace } from './written-url.ts';

/**
 * In seconds: a century and a half, so that an expiry has ten digits for the next hundred years. Of an expiry with eleven the
 * last ten would be one too, and the first a part of the path.
 */
const longestLife = 5_000_000_000;

/** What `bunny` takes. */
export interface BunnyOptions extends StoreOptions {
  /** A hostname of the pull zone, such as `'https://shop.b-cdn.net'`; one, or a list. */
  readonly url: string | readonly string[];
  /** The pull zone's Token Authentication Key; a list, of which the first signs; or a function. */
  readonly key: SecretOption<string> | undefined;
}

const entries = {
  url,
  key: textKey(
    'key',
    "the pull zone's Token Authentication Key",
    "It stands in the pull zone's settings, under Security.",
  ),
  ...storeEntries,
} satisfies Record<keyof BunnyOptions, v.GenericSchema>;

/**
 * Images of a Bunny pull zone that has Token Authentication on. Parameters other than those of a token stay as
 * written, between `token` and `expires`, and are signed as well. A token of a folder, of countries or with a limit of the
 * speed comes off like one of this scheme.
 *
 * Bunny signs path, expiry and decoded parameters with nothing between them: the token of `/photos/1234` is also a token of
 * `/photos/123` that never expires. So a URL is not signed if what is signed could be read in another way: its path ends
 * with a digit; ten digits in a row or more have a parameter behind them; `blur`, `class`, `crop` or `face_crop` has another
 * parameter beside it; a name or a value brings separators along; or a parameter is nearly one of a token (`Token_path`).
 * `docs/schemes/bunny.md` says how to write such URLs.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see Bunny, "Advanced token authentication" (https://bunny.net/docs/cdn/security/token-authentication/advanced)
 * @example
 * ```ts
 * const scheme = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function bunny(options: BunnyOptions): Scheme<SchemeImage<'bunny'>> {
  const {
    url: bases,
    from: stored,
    key: secrets,
    prefixes: folders,
  } = readSchemeOptions('bunny', entries, options);
  // In the place of a query: `/bcdn_token=…&expires=…&token_path=…/photos/cat.jpg`. Before a path of the site that a guard
  // reads, such a segment would hide which path it is.
  const tokenSegment = bases.every(({ authority }) => authority !== undefined) ? 'bcdn_token=' : undefined;

  const strip = (url: string): string => {
    const bare = withoutParameters(url, isToken);
    if (tokenSegment === undefined || !bare.includes(`/${tokenSegment}`)) return bare;
    const start = startOfPath(bare);
    return bare.slice(0, start) + afterToken(bare.slice(start), tokenSegment);
  };
  // The order of Bunny's own libraries: the token first, the expiry last.
  const signWith = (url: string, { exp }: SignTerms, { key }: NamedKey<Secret>): string => {
    const question = url.indexOf('?');
    const end = question < 0 ? url.length : question;
    const signed = `${url.slice(startOfPath(url), end)}${exp}${serializeParameters(readParameters(url.slice(end + 1)))}`;
    const token = `token=HS256-${key.mac('sha256', signed, 'base64url')}`;
    const others = question < 0 ? '' : `&${url.slice(question + 1)}`;
    return `${url.slice(0, end)}?${token}${others}&expires=${exp}`;
  };
  const readTerms = (url: string) =>
    strip(url) === url ? 'missing' : termsOfExpiry(onlyParameter(url, 'expires'));

  const withoutToken = (url: string, place: UrlPlace): { bare: string; at: UrlPlace } => {
    const bare = strip(url);
    const question = bare.indexOf('?');
    return { bare, at: { ...place, query: question < 0 ? bare.length : question } };
  };
  const problemOf = (bare: string, query: number): NameProblem | undefined => {
    const path = bare.slice(startOfPath(bare), query);
    if (isDigit(path.charCodeAt(path.length - 1))) return 'trailing-digit';
    return hasOneReading(path, readParameters(bare.slice(query + 1))) ? undefined : 'more-readings';
  };

  return createScheme({
    name: 'bunny',
    bases,
    from: stored,
    longestLife,
    match: (url, place) => {
      const { bare, at } = withoutToken(url, place);
      const image = matchPath(bare, at, folders);
      return image !== undefined && problemOf(bare, at.query) === undefined ? image : undefined;
    },
    nameProblem: (url, place) => {
      const { bare, at } = withoutToken(url, place);
      return matchPath(bare, at, folders) === undefined ? undefined : problemOf(bare, at.query);
    },
    isTokenParameter: isToken,
    ...(tokenSegment !== undefined && { tokenSegment }),
    readsParameter: hasMeaning,
    strip,
    sign: (url, terms) => signWith(url, terms, secrets.newest()),
    verify: (url, now) => verifyBySigning(url, now, secrets.all(), { strip, sign: signWith, readTerms }),
    secrets,
    fingerprint: JSON.stringify([folders]),
    isLimited: folders !== undefined,
    prefixes: folders,
  });
}

/**
 * What Bunny reads as parts of a token, of a file or of a folder. An app has none of them for itself: the zone would take its
 * `limit` for one of the speed.
 * @see Bunny, "Advanced token authentication", Parameters
 */
const tokenParameters: ReadonlySet<string> = new Set([
  'token',
  'expires',
  'token_path',
  'token_countries',
  'token_countries_blocked',
  'token_ignore_params',
  'limit',
]);

function isToken(name: string): boolean {
  return tokenParameters.has(name);
}

/** Decoded. */
function readParameters(query: string): readonly Parameter[] {
  return query
    .split('&')
    .filter((parameter) => parameter !== '')
    .map((parameter) => {
      const equals = parameter.indexOf('=');
      if (equals < 0) return [formDecode(parameter), ''];
      return [formDecode(parameter.slice(0, equals)), formDecode(parameter.slice(equals + 1))];
    });
}
