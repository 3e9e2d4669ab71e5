/** `bunny`: Bunny's Token Authentication, version 2: an HMAC-SHA256 over path, expiry and sorted parameters. */
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
 * In seconds: a century and a half, so that an expiry has ten digits for the next hundred years. With eleven digits, the first
 * could be read as part of the path, and the last ten as an expiry.
 */
const longestLife = 5_000_000_000;

/** The options of `bunny`. */
export interface BunnyOptions extends StoreOptions {
  /** The pull zone's hostname, such as `'https://shop.b-cdn.net'`, or a list. */
  readonly url: string | readonly string[];
  /** The pull zone's Token Authentication Key; a list, of which the first signs; or a function. */
  readonly key: SecretOption<string> | undefined;
}

const entries = {
  url,
  key: textKey(
    'key',
    "the pull zone's Token Authentication Key",
    "It is in the pull zone's settings, under Security.",
  ),
  ...storeEntries,
} satisfies Record<keyof BunnyOptions, v.GenericSchema>;

/**
 * Images of a Bunny pull zone with Token Authentication. Other parameters than the token's stay as written, between `token`
 * and `expires`, and are signed. Tokens for a folder, for countries or with a speed limit are removed like this scheme's own.
 *
 * Bunny signs path, expiry and decoded parameters without separators: the token of `/photos/1234` is also a token of
 * `/photos/123` that never expires. So a URL is not signed if its signed text has a second reading: its path ends with a
 * digit; a parameter follows ten or more digits in a row; `blur`, `class`, `crop` or `face_crop` has another parameter beside
 * it; a name or a value contains separators; or a parameter resembles one of a token (`Token_path`).
 * `docs/schemes/bunny.md` shows how to write such URLs.
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
  // A token can also be the first segment: `/bcdn_token=…&expires=…&token_path=…/photos/cat.jpg`. If a guard reads a path of
  // the site, such a segment would hide the path.
  const tokenSegment = bases.every(({ authority }) => authority !== undefined) ? 'bcdn_token=' : undefined;

  const strip = (url: string): string => {
    const bare = withoutParameters(url, isToken);
    if (tokenSegment === undefined || !bare.includes(`/${tokenSegment}`)) return bare;
    const start = startOfPath(bare);
    return bare.slice(0, start) + afterToken(bare.slice(start), tokenSegment);
  };
  // The order of Bunny's libraries: the token first, the expiry last.
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
 * The parameters that Bunny reads as parts of a token, for a file or a folder. An app cannot use these names: the zone would
 * read its `limit` as a speed limit.
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

/** The parts before and after the `?`. */
function splitUrl(url: string): [path: string, query: string] {
  const question = url.indexOf('?');
  return question < 0 ? [url, ''] : [url.slice(0, question), url.slice(question + 1)];
}

/** Decoded. */
type Parameter = readonly [name: string, value: string];

/** Sorted by code units, as Bunny's libraries write them into the signed text. */
function serializeParameters(parameters: readonly Parameter[]): string {
  return parameters
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * Whether the URL's token would have more than one meaning. Bunny signs the path, the expiry, the client's address (four
 * bytes, or sixteen of which the last eight are 0, if the token begins with `1-`) and the decoded parameters without
 * separators. An attacker who has a token chooses where each of them ends.
 * @param path - the whole path as it is signed, percent-encoded
 * @param parameters - without those of a token
 */
function problemOf(
  path: string,
  parameters: readonly Parameter[],
): 'trailing-digit' | 'more-readings' | undefined {
  // The digit could be the first digit of the expiry.
  if (isDigit(path.charCodeAt(path.length - 1))) return 'trailing-digit';
  return hasOneReading(path, parameters) ? undefined : 'more-readings';
}

function hasOneReading(path: string, parameters: readonly Parameter[]): boolean {
  // A token in the path is read before the one in the query.
  if (/\/bcdn_token=/i.test(percentDecode(path))) return false;
  if (parameters.length === 0) return !holdsExpiry(path, path.lastIndexOf('='));
  const text = serializeParameters(parameters);
  // The digit could be the last digit of the expiry.
  if (isDigit(text.charCodeAt(0)) || !areSeparate(parameters) || hidesMeaning(text)) return false;
  return (
    !holdsExpiry(path, path.length) && !holdsExpiry(text, text.lastIndexOf('=')) && !endsLikeExpiry(text)
  );
}

/** Parts of a token. `token_path` signs another path, and `token_ignore_params` signs no other parameters. */
const tokenName = /^(?:(?:bcdn_)?token(?:_.*)?|expires|limit)$/is;

/**
 * Bunny Optimizer parameters that may hide a part of the picture. Without another one (`width`), a viewer only sees the same
 * picture in another size.
 * @see Bunny, "Dynamic Images" (https://docs.bunny.net/optimizer/dynamic-images)
 */
const hidingNames: ReadonlySet<string> = new Set(['blur', 'class', 'crop', 'face_crop']);

/** Whether an attacker gains something by changing or omitting a parameter of this name. */
function hasMeaning(name: string): boolean {
  return tokenName.test(name.trim()) || hidingNames.has(name.toLowerCase());
}

/** Whether the only separators are those that Bunny writes between parameters, and no parameter can absorb another. */
function areSeparate(parameters: readonly Parameter[]): boolean {
  const names = new Set(parameters.map(([name]) => name));
  if (names.size < parameters.length) return false;
  // `a=1&blur=9` has the same signed text as one parameter `a` with the value `1&blur=9`, without the blur.
  if (parameters.length > 1 && parameters.some(([name]) => hasMeaning(name))) return false;
  return parameters.every(([name, value]) => {
    if (!/^[^&=]+$/.test(name) || tokenName.test(name.trim()) || unreadable.test(name + value)) return false;
    // `class=a=b` has the same signed text as a parameter named `class=a`.
    return !value.includes('&') && !(value.includes('=') && hasMeaning(name));
  });
}

/** Control characters, since NUL is part of an address; and U+FFFD, which stands for any invalid UTF-8. */
const unreadable = /[\0-\x1f\x7f\ufffd]/;

/** Whether a name with a meaning follows the first four bytes, which could be read as an address. */
function hidesMeaning(text: string): boolean {
  const [first = ''] = Buffer.from(text).subarray(4).toString().split('&', 1);
  return text.length > 4 && namesIn(first).some(hasMeaning);
}

/** The possible names of a parameter that begins here: its value may contain more `=`. */
function namesIn(text: string): readonly string[] {
  // All names with a meaning are shorter.
  const begin = text.slice(0, maxNameLength + 1);
  return Array.from(begin.matchAll(/=/g), ({ index }) => begin.slice(0, index));
}

const maxNameLength = 64;

/**
 * In Unix seconds: the beginning of 2026. Every earlier time has expired.
 */
const earliestExpiry = '1767225600';

/** Whether the digits, or a part of them, could be an expiry in the future. */
function isExpiry(digits: string): boolean {
  const number = digits.replace(/^0+/, '');
  return (
    number.length > earliestExpiry.length ||
    (number.length === earliestExpiry.length && number >= earliestExpiry)
  );
}

/** Whether digits before this offset could be the expiry: the rest contains a `=`, so it could be parameters. */
function holdsExpiry(text: string, end: number): boolean {
  return (text.slice(0, Math.max(0, end)).match(/\d{10,}/g) ?? []).some(isExpiry);
}

/** Whether the last part of the signed text ends with an expiry, alone or followed by an address. */
function endsLikeExpiry(text: string): boolean {
  const bytes = Buffer.from(text).toString('latin1');
  return [bytes, bytes.slice(0, -4)].some((each) => isExpiry(/\d*$/.exec(each.slice(-maxDigits))![0]));
}

/** More digits than any server reads as a 64-bit number. */
const maxDigits = 32;
