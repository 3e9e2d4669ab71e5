/**
 * Reads the path of an imgproxy URL: `/<signature>/<options>/<source>`. It follows imgproxy's own parser (options/parser
 * and handlers/path.go of imgproxy 4): where the two differed, another source would be shown than was allowed.
 */
import { isControl } from '../text/ascii.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { hasDotSegment } from './object-name.ts';

/** Whether this stands in the place of the signature in a URL that is not signed. */
export function isUnsigned(signature: string): boolean {
  return signature === 'insecure' || signature === 'unsafe' || signature === '_';
}

/** 32 bytes as base64url. */
export function isSignature(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

export interface ImgproxyPath {
  readonly signature: string;
  /** Every leading segment with a `:` in any spelling, as written, expiries included. */
  readonly options: readonly string[];
  /** All that follows, as written. */
  readonly source: string;
}

/** @param path - after the base, without a query; it begins with `/` */
export function readImgproxyPath(path: string): ImgproxyPath {
  const options: string[] = [];
  const end = endOfSegment(path, 1);
  let at = end + 1;
  while (at < path.length) {
    const next = endOfSegment(path, at);
    const segment = path.slice(at, next);
    if (!isOption(segment)) break;
    options.push(segment);
    at = next + 1;
  }
  return { signature: path.slice(1, end), options, source: path.slice(at) };
}

function endOfSegment(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash < 0 ? path.length : slash;
}

function isOption(segment: string): boolean {
  return segment.includes(':') || (segment.includes('%') && /%3a/i.test(segment));
}

/** The option `expires`, whoever put it there, in any spelling. */
export function isExpiry(option: string): boolean {
  return /^(?:exp|expires):/.test(option.includes('%') ? percentDecode(option) : option);
}

/**
 * An option is refused if it shows another image than the source, which nobody has allowed, or if it spells `:` as `%3A`:
 * imgproxy replaces that before it verifies.
 */
export function isRefused(option: string): boolean {
  return (
    (option.includes('%') && /%3a/i.test(option)) ||
    /^(?:watermark_url|wmu|fallback_image_url|fiu):/.test(percentDecode(option))
  );
}

/**
 * The decoded URL of the source image.
 * @returns undefined for a source that is encrypted, that imgproxy would not take, or that is not plainly one place
 */
export function readSource(source: string): string | undefined {
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
  // imgproxy takes `https:/` for `https://` that a proxy has shortened, and verifies that.
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

/** Dot segments and backslashes would lead out of an allowed folder; imgproxy's source may resolve them in any spelling. */
function isOnePlace(source: string): boolean {
  if (source === '') return false;
  for (let i = 0; i < source.length; i++) if (isControl(source.charCodeAt(i))) return false;
  const decoded = percentDecode(source);
  return isInFolder(source) && (decoded === source || isInFolder(decoded));
}

function isInFolder(path: string): boolean {
  return !path.includes('\\') && !hasDotSegment(path);
}

export interface ImgproxyUrl extends ImgproxyPath {
  /** The URL up to the `/` before the signature. */
  readonly before: string;
  /** The options without the expiries. */
  readonly kept: readonly string[];
  /** From the `/` after the signature to the end of the path, without the expiries. */
  readonly rest: string;
  /** The query, or `''`. */
  readonly after: string;
  /** Whether nothing is left out of `rest`, and nothing put in. */
  readonly isWhole: boolean;
}

/** @param start - offset of the path after the base */
function readUrl(url: string, start: number): ImgproxyUrl {
  const question = url.indexOf('?');
  const end = question < 0 ? url.length : question;
  const { signature, options, source } = readImgproxyPath(url.slice(start, end));
  const kept = options.some(isExpiry) ? options.filter((option) => !isExpiry(option)) : options;
  const isWhole = kept === options && source !== '';
  const rest = isWhole ? url.slice(start + 1 + signature.length, end) : `/${[...kept, source].join('/')}`;
  const [before, after] = [url.slice(0, start), url.slice(end)];
  return { signature, options, source, before, kept, rest, after, isWhole };
}

/** Reads URLs, and remembers the last one: `match`, `strip` and `sign` get the same text one after the other. */
export function createUrlReader(): (url: string, start: number) => ImgproxyUrl {
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
