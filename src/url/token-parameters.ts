/** The parameters that carry a token. It works on the raw query: in a parsed one `%65xp` looks like `exp`. */
import { AMPERSAND, EQUALS, HASH } from '../text/ascii.ts';
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
 * In lower case: of buckets without those that begin with `x-amz-` or `x-goog-`, CloudFront, Bunny, Google Cloud CDN, imgix,
 * Cloudflare's WAF.
 */
const schemeTokens: ReadonlySet<string> = new Set([
  ...['expires', 'policy', 'signature', 'key-pair-id', 'hash-algorithm', 'awsaccesskeyid', 'googleaccessid'],
  ...['token', 'token_path', 'keyname', 'urlprefix', 's', 'verify'],
]);

/** Whether the parameter may be of a token of any scheme: then no event and no message shows it. */
export function isAnyTokenParameter(parameter: string): boolean {
  if (isTokenParameter(parameter)) return true;
  const equals = parameter.indexOf('=');
  const name = percentDecode(equals < 0 ? parameter : parameter.slice(0, equals)).toLowerCase();
  return name.startsWith('x-amz-') || name.startsWith('x-goog-') || schemeTokens.has(name);
}
