/** The scheme of Bunny (token authentication v2): an HMAC-SHA256 over path, expiry and sorted parameters. */
import type * as v from 'valibot';
import type { Secret } from '../signing/digests.ts';
import { isDigit } from '../text/ascii.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import {
  createScheme,
  type Scheme,
  type SchemeImage,
  type SecretOption,
  type SignTerms,
} from './definition.ts';
import { readSchemeOptions, type StoreOptions, storeEntries, url } from './options.ts';
import { type NamedKey, textKey } from './secrets.ts';
import { matchPath, onlyParameter, parametersOf, startOfPath, withoutParameters } from './url-parts.ts';
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
  const { url: bases, key: secrets, ...given } = readSchemeOptions('bunny', entries, options);
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
    const [path, query] = splitUrl(url);
    const signed = `${path.slice(startOfPath(path))}${exp}${serializeParameters(parametersOf(query))}`;
    const token = `token=HS256-${key.mac('sha256', signed, 'base64url')}`;
    return `${path}?${token}${path.length < url.length ? `&${query}` : ''}&expires=${exp}`;
  };
  const readTerms = (url: string) => termsOfExpiry(onlyParameter(url, 'expires'));
  const read = (url: string, place: UrlPlace) => {
    const [path, query] = splitUrl(strip(url));
    const image = matchPath(path, { ...place, query: path.length }, given.prefixes);
    return { image, problem: image && problemOf(path.slice(startOfPath(path)), parametersOf(query)) };
  };

  return createScheme({
    name: 'bunny',
    bases,
    ...given,
    longestLife,
    match: (url, place) => {
      const { image, problem } = read(url, place);
      return problem === undefined ? image : undefined;
    },
    nameProblem: (url, place) => read(url, place).problem,
    isTokenParameter: isToken,
    ...(tokenSegment !== undefined && { tokenSegment }),
    readsParameter: hasMeaning,
    strip,
    sign: (url, terms) => signWith(url, terms, secrets.newest()),
    verify: (url, now) => verifyBySigning(url, now, secrets.all(), { strip, sign: signWith, readTerms }),
    secrets,
    fingerprint: JSON.stringify([given.prefixes]),
    isLimited: given.prefixes !== undefined,
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

/** What is before the `?`, and what is behind it. */
function splitUrl(url: string): [path: string, query: string] {
  const question = url.indexOf('?');
  return question < 0 ? [url, ''] : [url.slice(0, question), url.slice(question + 1)];
}

/** Decoded. */
type Parameter = readonly [name: string, value: string];

/** By code units, as Bunny's own libraries write them into the text that is signed. */
function serializeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * Whether a token of the URL would say more than one thing. Bunny signs the path, the expiry, the client's address (four
 * bytes, or sixteen of which the last eight are 0, if the token begins with `1-`) and the decoded parameters with nothing
 * in between. An attacker who has a token chooses where each of them ends.
 * @param path - the whole path as it is signed, percent-encoded
 * @param parameters - without those of a token
 */
function problemOf(
  path: string,
  parameters: readonly Parameter[],
): 'trailing-digit' | 'more-readings' | undefined {
  // The digit could be the first one of the expiry.
  if (isDigit(path.charCodeAt(path.length - 1))) return 'trailing-digit';
  return hasOneReading(path, parameters) ? undefined : 'more-readings';
}

function hasOneReading(path: string, parameters: readonly Parameter[]): boolean {
  // A token in the path is read before the one in the query.
  if (/\/bcdn_token=/i.test(percentDecode(path))) return false;
  if (parameters.length === 0) return !holdsExpiry(path, path.lastIndexOf('='));
  const text = serializeParameters(parameters);
  // The digit could be the last one of the expiry.
  if (isDigit(text.charCodeAt(0)) || !areSeparate(parameters) || hidesMeaning(text)) return false;
  return (
    !holdsExpiry(path, path.length) && !holdsExpiry(text, text.lastIndexOf('=')) && !endsLikeExpiry(text)
  );
}

/** Part of a token: Bunny signs another path for `token_path`, and no other parameter beside `token_ignore_params`. */
const tokenName = /^(?:(?:bcdn_)?token(?:_.*)?|expires|limit)$/is;

/**
 * Parameters of Bunny Optimizer that may hide a part of the picture. Without one of the others (`width`) a viewer sees the
 * same picture in another size.
 * @see Bunny, "Dynamic Images" (https://docs.bunny.net/optimizer/dynamic-images)
 */
const hidingNames: ReadonlySet<string> = new Set(['blur', 'class', 'crop', 'face_crop']);

/** Whether it matters who chooses a parameter of this name, or leaves it out. */
function hasMeaning(name: string): boolean {
  return tokenName.test(name.trim()) || hidingNames.has(name.toLowerCase());
}

/** Whether the separators that Bunny puts between parameters are the only ones, and no parameter can take in another. */
function areSeparate(parameters: readonly Parameter[]): boolean {
  const names = new Set(parameters.map(([name]) => name));
  if (names.size < parameters.length) return false;
  // `a=1&blur=9` is signed like an `a` of `1&blur=9`, which leaves the blur out.
  if (parameters.length > 1 && parameters.some(([name]) => hasMeaning(name))) return false;
  return parameters.every(([name, value]) => {
    if (!/^[^&=]+$/.test(name) || tokenName.test(name.trim()) || unreadable.test(name + value)) return false;
    // With a `=` in its value `class=a=b` is signed like a parameter `class=a`.
    return !value.includes('&') && !(value.includes('=') && hasMeaning(name));
  });
}

/** Control characters, of which NUL is part of an address; and U+FFFD, which stands for any bytes that are not UTF-8. */
const unreadable = /[\0-\x1f\x7f\ufffd]/;

/** Whether a name with a meaning comes to light behind the first four bytes: they can be an address. */
function hidesMeaning(text: string): boolean {
  const [first = ''] = Buffer.from(text).subarray(4).toString().split('&', 1);
  return text.length > 4 && namesIn(first).some(hasMeaning);
}

/** What could stand before the `=` of a parameter that begins here; a value may hold further ones. */
function namesIn(text: string): readonly string[] {
  // No name that is looked for is longer.
  const begin = text.slice(0, maxNameLength + 1);
  return Array.from(begin.matchAll(/=/g), ({ index }) => begin.slice(0, index));
}

const maxNameLength = 64;

/**
 * In Unix seconds: the beginning of 2026. What is earlier has expired, whatever server reads it.
 */
const earliestExpiry = '1767225600';

/** Whether digits could be an expiry that is still to come, or a part of them. */
function isExpiry(digits: string): boolean {
  const number = digits.replace(/^0+/, '');
  return (
    number.length > earliestExpiry.length ||
    (number.length === earliestExpiry.length && number >= earliestExpiry)
  );
}

/** Whether digits before this offset could be the expiry: what follows has a `=`, and so could be parameters. */
function holdsExpiry(text: string, end: number): boolean {
  return (text.slice(0, Math.max(0, end)).match(/\d{10,}/g) ?? []).some(isExpiry);
}

/** Whether a text that is signed last ends with an expiry: with nothing behind it, or with an address. */
function endsLikeExpiry(text: string): boolean {
  const bytes = Buffer.from(text).toString('latin1');
  return [bytes, bytes.slice(0, -4)].some((each) => isExpiry(/\d*$/.exec(each.slice(-maxDigits))![0]));
}

/** More than an expiry has that no server reads as a number of 64 bits. */
const maxDigits = 32;
