/**
 * `imgproxy`: an HMAC-SHA256 over salt and path as the first segment, and the expiry as an option. Paths are read as imgproxy's
 * own parser reads them (options/parser and handlers/path.go of imgproxy 4): any difference could show another source than
 * was allowed.
 * Longer than most files: it has its options, and a reader of its paths.
 */
import * as v from 'valibot';
import { Secret } from '../signing/digests.ts';
import { hasDotSegment } from '../url/canonical.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import {
  createScheme,
  type Scheme,
  type SchemeImage,
  type SecretOption,
  type SignTerms,
} from './definition.ts';
import { from } from './from.ts';
import { readSchemeOptions, type StoreOptions, sourcePrefixes, url } from './options.ts';
import { hexText, keyOf, type NamedKey, secretOf, secretsOf } from './secrets.ts';
import { mostSpecificFirst, placeOf } from './url-parts.ts';
import { termsOfExpiry, verifyBySigning } from './verify-by-signing.ts';
import type { UrlPlace } from './written-url.ts';

/** The options of `imgproxy`. */
export interface ImgproxyOptions extends StoreOptions {
  /** The server, with its path prefix: `'https://imgproxy.example'`, or a list. */
  readonly url: string | readonly string[];
  /** `IMGPROXY_KEY`, in hex; a list, of which the first signs; or a function. `{ value, salt }` is a key with another salt. */
  readonly key: SecretOption<string, { readonly salt?: string | undefined }> | undefined;
  /** `IMGPROXY_SALT`, in hex. */
  readonly salt: string | undefined;
  /**
   * Beginnings of the source URLs that may be signed, such as `'https://photos.example/uploads/'`.
   * @default none: `authorize` is required
   */
  readonly prefixes?: string | readonly string[] | undefined;
}

/** What `authorize` receives for an imgproxy image. */
export interface ImgproxyImage extends SchemeImage<'imgproxy'> {
  /** The URL of the source image, decoded. */
  readonly id: string;
  /** The processing options without the expiry, such as `'rs:fill:300:200/g:sm'`. */
  readonly options: string;
}

const key = hexText("imgproxy's key in hex", 'It is the first value of IMGPROXY_KEY.');
const salt = hexText("imgproxy's salt in hex", 'It is the first value of IMGPROXY_SALT.');

const entries = {
  url,
  key: secretsOf('key', keyOf(secretOf(key, 'hex'), 'salt', salt)),
  salt,
  from: v.optional(from),
  prefixes: v.optional(sourcePrefixes),
} satisfies Record<keyof ImgproxyOptions, v.GenericSchema>;

/**
 * Images that an imgproxy server processes. An unsigned URL has `insecure`, `unsafe` or `_` instead of the signature, and its
 * source is `plain/…` or base64. The expiry becomes the first option, `exp:…`. An `exp` or `expires` that is already there
 * counts as part of the token, and is replaced. Removing a token leaves `insecure`; an unsigned URL keeps its word.
 *
 * Not signed: an encrypted source, a source with dot segments, a URL whose options name a second image (`watermark_url`,
 * `fallback_image_url`), and pipelines with `-`. Servers with `IMGPROXY_BASE64_URL_INCLUDES_FILENAME`, another arguments
 * separator, or only presets read URLs differently, and are not supported.
 * @returns a scheme for the option `scheme`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see imgproxy, "Signing a URL" (https://docs.imgproxy.net/usage/signing_url)
 * @example
 * ```ts
 * const scheme = imgproxy({
 *   url: 'https://imgproxy.example',
 *   key: process.env.IMGPROXY_KEY,
 *   salt: process.env.IMGPROXY_SALT,
 *   prefixes: 'https://photos.example/uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 */
export function imgproxy(options: ImgproxyOptions): Scheme<ImgproxyImage> {
  const { url: bases, key: secrets, prefixes, ...given } = readSchemeOptions('imgproxy', entries, options);
  const salted = Buffer.from(given.salt, 'hex');
  const ordered = mostSpecificFirst(bases);
  const readUrl = createUrlReader();
  const read = (url: string, place = placeOf(url, ordered)): ImgproxyUrl | undefined =>
    place && readUrl(url, place.path);

  const strip = (url: string, place?: UrlPlace): string => {
    const parts = read(url, place);
    if (parts === undefined) return url;
    const { signature, options, kept } = parts;
    const hasToken = isSignature(signature) || (unsigned.has(signature) && kept.length < options.length);
    return hasToken ? `${parts.before}/insecure${parts.rest}${parts.after}` : url;
  };
  const signWith = (
    url: string,
    { exp }: SignTerms,
    { key, name }: NamedKey<Secret>,
    place?: UrlPlace,
  ): string => {
    const parts = read(url, place);
    if (parts === undefined) return url;
    const path = `/exp:${exp}${parts.rest}`;
    const before = name === undefined ? salted : Buffer.from(name, 'hex');
    return `${parts.before}/${key.mac('sha256', path, 'base64url', before)}${path}${parts.after}`;
  };
  const readTerms = (url: string) => {
    const parts = read(url);
    if (parts === undefined || unsigned.has(parts.signature)) return 'missing';
    if (!isSignature(parts.signature)) return 'malformed';
    return termsOfExpiry(/^exp:(.*)$/s.exec(parts.options[0] ?? '')?.[1]);
  };

  return createScheme({
    name: 'imgproxy',
    bases,
    from: given.from,
    match: (url, place) => {
      const { signature, options, kept, source } = readUrl(url, place.path);
      if (!unsigned.has(signature) && !isSignature(signature)) return undefined;
      const id = options.some(isRefused) ? undefined : readSource(source);
      if (id === undefined || (prefixes && !prefixes.some((prefix) => id.startsWith(prefix))))
        return undefined;
      return { id, options: kept.join('/') };
    },
    // imgproxy drops the query before it reads the rest.
    readsParameter: () => false,
    strip,
    sign: (url, terms, place) => signWith(url, terms, secrets.newest(), place),
    verify: (url, now) => verifyBySigning(url, now, secrets.all(), { strip, sign: signWith, readTerms }),
    secrets,
    fingerprint: JSON.stringify([prefixes, new Secret(salted).fingerprint]),
    isLimited: prefixes !== undefined,
    hasFreePath: true,
  });
}

/** What an unsigned URL has instead of the signature. */
const unsigned: ReadonlySet<string> = new Set(['insecure', 'unsafe', '_']);

/** 32 bytes as base64url. */
function isSignature(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

/** `/<signature>/<options>/<source>` */
interface ImgproxyUrl {
  /** The URL up to the `/` before the signature. */
  readonly before: string;
  readonly signature: string;
  /** Every leading segment with a `:` in any spelling, as written, including expiries. */
  readonly options: readonly string[];
  /** The options without the expiries. */
  readonly kept: readonly string[];
  /** The rest of the path, as written. */
  readonly source: string;
  /** From the `/` after the signature to the end of the path, without the expiries. */
  readonly rest: string;
  /** The query, or `''`. */
  readonly after: string;
}

/** Reads URLs, and remembers the last one: `match`, `strip` and `sign` receive the same text one after the other. */
function createUrlReader(): (url: string, start: number) => ImgproxyUrl {
  let lastUrl: string | undefined;
  let lastStart = 0;
  let last: ImgproxyUrl;
  return (url, start) => {
    if (lastStart === start && lastUrl === url) return last;
    last = readUrl(url, start);
    lastUrl = url;
    lastStart = start;
    return last;
  };
}

/** @param start - offset of the path after the base, which begins with `/` */
export function readUrl(url: string, start: number): ImgproxyUrl {
  const question = url.indexOf('?');
  const end = question < 0 ? url.length : question;
  const [signature = '', ...segments] = url.slice(start + 1, end).split('/');
  const first = segments.findIndex((segment) => !segment.includes(':') && !/%3a/i.test(segment));
  const options = first < 0 ? segments : segments.slice(0, first);
  const source = segments.slice(options.length).join('/');
  const kept = options.filter((option) => !isExpiry(option));
  const isWhole = kept.length === options.length && source !== '';
  const rest = isWhole ? url.slice(start + 1 + signature.length, end) : `/${[...kept, source].join('/')}`;
  return { before: url.slice(0, start), signature, options, kept, source, rest, after: url.slice(end) };
}

/** Whether it is the option `expires`, in any spelling. */
function isExpiry(option: string): boolean {
  return /^(?:exp|expires):/.test(option.includes('%') ? percentDecode(option) : option);
}

/**
 * An option is refused if it shows an image other than the allowed source, or if it spells `:` as `%3A`, which imgproxy
 * replaces before it verifies.
 */
function isRefused(option: string): boolean {
  return (
    (option.includes('%') && /%3a/i.test(option)) ||
    /^(?:watermark_url|wmu|fallback_image_url|fiu):/.test(percentDecode(option))
  );
}

/**
 * The decoded URL of the source image.
 * @returns undefined for a source that is encrypted, that imgproxy would refuse, or that servers could resolve differently
 */
function readSource(source: string): string | undefined {
  if (source === 'enc' || source.startsWith('enc/')) return undefined;
  const text = source.startsWith('plain/')
    ? readPlain(source.slice('plain/'.length))
    : readBase64(source.replaceAll('/', ''));
  return text !== undefined && isOnePlace(text) ? text : undefined;
}

/** `<percent-encoded URL>@<extension>` */
function readPlain(encoded: string): string | undefined {
  const at = encoded.indexOf('@');
  const url = at < 0 ? encoded : encoded.slice(0, at);
  const hasMore = at >= 0 && encoded.includes('@', at + 1);
  // imgproxy reads `https:/` as an `https://` that a proxy has shortened, and verifies that.
  if (hasMore || /:\/(?!\/)/.test(url)) return undefined;
  return percentDecode(url);
}

/** `<base64url>.<extension>` */
function readBase64(encoded: string): string | undefined {
  const [url = '', , more] = encoded.split('.', 3);
  const digits = /^([\w-]+)={0,2}$/.exec(url)?.[1];
  if (more !== undefined || digits === undefined || digits.length % 4 === 1) return undefined;
  const bytes = Buffer.from(digits, 'base64url');
  const text = bytes.toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : undefined;
}

/** Dot segments and backslashes would lead out of an allowed folder. The source's server may resolve them in any spelling. */
function isOnePlace(source: string): boolean {
  const decoded = percentDecode(source);
  return source !== '' && !/[\0-\x1f\x7f-\x9f]/.test(source) && isInFolder(source) && isInFolder(decoded);
}

function isInFolder(path: string): boolean {
  return !path.includes('\\') && !hasDotSegment(path);
}
