/**
 * The query parameters that carry a token: their names, and the forms of their values. It works on the raw query: in a
 * parsed one `%65xp` looks like `exp`.
 */
import { AMPERSAND, COLON, DOT, EQUALS, HASH, SEMICOLON, TILDE } from '../text/ascii.ts';
import { percentDecode } from './percent-encoding.ts';

/** Whether a server that decodes parameter names would read this one as `exp` or `sig`. */
export function isTokenParameter(parameter: string): boolean {
  const equals = parameter.indexOf('=');
  const name = percentDecode(equals < 0 ? parameter : parameter.slice(0, equals));
  return name === 'exp' || name === 'sig';
}

/**
 * Whether a parameter of the URL may have a name for which the test holds. It does not decode: a name that is more than
 * letters, digits and `-._~` counts as one, and an empty one never does. It takes a fragment for a part of the query.
 */
export function mayHaveParameter(url: string, test: (name: string) => boolean): boolean {
  let separator = url.indexOf('?');
  while (separator >= 0) {
    const end = endOfName(url, separator + 1);
    const name = url.slice(separator + 1, end);
    if (name !== '' && (test(name) || !/^[\w.~-]*$/.test(name))) return true;
    separator = url.indexOf('&', end);
  }
  return false;
}

function endOfName(url: string, start: number): number {
  let at = start;
  for (; at < url.length; at++) {
    const code = url.charCodeAt(at);
    if (code === EQUALS || code === AMPERSAND || code === HASH) break;
  }
  return at;
}

/**
 * The names in lower case, except those that `schemeTokenStarts` covers: buckets, CloudFront, Bunny, Google Cloud CDN, imgix,
 * Cloudflare's WAF, nginx, EdgeAuth, Azure, Sanity, ImageKit.
 */
const schemeTokens: ReadonlySet<string> = new Set([
  ...['expires', 'policy', 'signature', 'key-pair-id', 'hash-algorithm', 'awsaccesskeyid', 'googleaccessid'],
  ...['token', 'token_path', 'keyname', 'urlprefix', 's', 'verify', 'md5'],
  ...['__token__', 'hdnts', 'hdnea', 'hdntl', '__cld_token__'],
  ...['sig', 'sv', 'se', 'st', 'sr', 'sp', 'spr', 'sip', 'skoid', 'sktid', 'skt', 'ske', 'sks', 'skv'],
  ...['keyid', 'expiry', 'ik-t', 'ik-s'],
]);

/** For buckets and Vercel Blob. */
const schemeTokenStarts: readonly string[] = ['x-amz-', 'x-goog-', 'vercel-blob-'];

/** Whether the parameter may belong to a token of any scheme: events and messages never show those. */
export function isAnyTokenParameter(parameter: string): boolean {
  if (isTokenParameter(parameter)) return true;
  const equals = parameter.indexOf('=');
  const name = percentDecode(equals < 0 ? parameter : parameter.slice(0, equals)).toLowerCase();
  if (schemeTokens.has(name) || schemeTokenStarts.some((start) => name.startsWith(start))) return true;
  const value = parameter.slice(equals + 1);
  return edgeToken.test(value) || jsonWebToken.test(value); // their parameters have any name
}

const seconds = /^\d{1,11}/;
const sha256 = /^[\da-f]{64}/;
/** For Cloudflare Images and Azure. */
const hexOrBase64 = /^(?:[\da-f]{64}|(?:[A-Za-z\d+/]|%2[BFbf]){43}(?:=|%3[Dd]))/;

/** The forms of tokens by the parameter's name in lower case. Where two schemes share a name, both forms. */
const forms: ReadonlyMap<string, RegExp> = new Map([
  ['exp', seconds],
  ['expires', seconds],
  ['x-amz-expires', seconds],
  ['x-goog-expires', seconds],
  ['sig', hexOrBase64],
  ['x-amz-signature', sha256],
  // RSA with 4096 and 2048 bits, or an HMAC.
  ['x-goog-signature', /^(?:[\da-f]{1024}|[\da-f]{512}|[\da-f]{64})/],
  ['awsaccesskeyid', /^A[KS]IA[A-Z\d]{16}/],
  ['googleaccessid', /^[\w.-]+(?:@|%40)(?:[\w-]+\.)+gserviceaccount\.com/],
  ['x-id', /^GetObject/],
  ['s', /^[\da-f]{32}/],
  ['ik-s', /^[\da-f]{40}/],
  ['vercel-blob-signature', /^[\w-]{43}/],
  ['md5', /^[\w-]{22}/],
  ['token', /^HS256-[\w-]{43}/],
  ['hash-algorithm', /^SHA(?:1|256)/],
  // RSA with 2048 and 4096 bits, in which `_` stands for the `=` at the end; Google's padded HMAC; Ed25519; version 2 of
  // buckets, by an HMAC or by RSA.
  [
    'signature',
    /^(?:[\w~-]{342}__|[\w~-]{683}_|[\w-]{27}=|[\w-]{86}(?:=|%3d){2}|(?:[a-z\d+/]|%2[bf]){27}(?:=|%3d)|(?:[a-z\d+/]|%2[bf]){342}(?:=|%3d){2})/i,
  ],
]);

/** Cloudflare's WAF, whose parameter can have any name. */
const timedMac = /^\d{10}-(?:(?:[A-Za-z\d]|%2B|%2F){43}%3D|[\w-]{43})/;

/** EdgeAuth, whose parameter can have any name: with an acl, a payload and others, by SHA-256, SHA-1 or MD5. */
const edgeToken = /^(?:(?:ip|st|exp|acl|id|data)=[^~&#\s]*~)+hmac=(?:[\da-f]{64}|[\da-f]{40}|[\da-f]{32})/;

/**
 * JSON Web Tokens, whose parameter can have any name. The header says HS256, with or without a `typ` before it; or it says another
 * algorithm of RFC 7518: RSA with 4096, 3072 and 2048 bits, ES512, ES384, HS512, ES256 or EdDSA, HS384, HS256.
 */
const jsonWebToken =
  /^eyJ(?:(?:0eXAiOiJKV1QiLCJ)?hbGciOiJIUzI1Ni[\w-]*\.[\w-]+\.[\w-]{43}|[\w-]+\.[\w-]+\.(?:[\w-]{683}|[\w-]{512}|[\w-]{342}|[\w-]{176}|[\w-]{128}|[\w-]{86}|[\w-]{64}|[\w-]{43}))/;

/** The characters of token values: hexadecimal, Base64, dates, paths, lists of names, percent-encoding. */
const mayBeToken = /^[\w%~+/=:;.-]*/;

/** Whether the value, to its last character, has a form of this parameter. @param name - decoded, as the value may be */
export function isWholeToken(name: string, value: string): boolean {
  return tokenAt(name, value)?.length === value.length;
}

/** The token that the value begins with, if it has a known form. */
function tokenAt(name: string, value: string): string | undefined {
  const found =
    forms.get(name.toLowerCase())?.exec(value) ??
    timedMac.exec(value) ??
    edgeToken.exec(value) ??
    jsonWebToken.exec(value);
  return found?.[0];
}

/**
 * Finds the end of a token that words follow without a space: `…&sig=0123…abcd, she said`.
 * @param name - the parameter's decoded name
 * @param value - the ASCII text after its `=`
 * @param isDelimited - whether another parameter or a fragment follows: then it ends there, unless its form ends before
 * @returns how many characters of the value are the token
 */
export function tokenLength(name: string, value: string, isDelimited: boolean): number {
  const token = tokenAt(name, value);
  if (token !== undefined) return token.length;
  if (isDelimited) return value.length;
  let end = mayBeToken.exec(value)![0].length; // it matches the empty text
  while (end > 0 && isPunctuation(value, end)) end--;
  return end;
}

/** A full stop, a colon or a semicolon ends a sentence; `~~` ends what Markdown strikes through. */
function isPunctuation(value: string, end: number): boolean {
  const code = value.charCodeAt(end - 1);
  if (code === TILDE) return value.charCodeAt(end) === TILDE || value.charCodeAt(end - 2) === TILDE;
  return code === DOT || code === COLON || code === SEMICOLON;
}
