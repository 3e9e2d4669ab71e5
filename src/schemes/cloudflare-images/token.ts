/**
 * Reads and removes the parameters `exp` and `sig`. It works on the raw query: in a parsed one a second `exp` is easily
 * overlooked, and `%65xp` looks like `exp`. It knows no key, and does not verify.
 */
import { isTokenParameter } from '../../url/token-parameters.ts';

export interface Token {
  /** Unix seconds. */
  readonly expiresAt: number;
  /** 64 lower-case hex digits. */
  readonly signature: string;
  /** The query that was signed: everything before `&sig=`. */
  readonly signedQuery: string;
}

const signatureLength = '&sig='.length + 64;

/**
 * @param query - as written, without `?`
 * @returns `'missing'` without a `sig`; `'malformed'` unless there is exactly one `exp` and one `sig`, both in their
 *   canonical spelling, and `sig` last
 */
export function readToken(query: string): Token | 'missing' | 'malformed' {
  let expiry: string | undefined;
  let signatures = 0;
  let isMalformed = false;
  for (const parameter of query.split('&')) {
    if (!isTokenParameter(parameter)) continue;
    if (parameter.startsWith('exp=')) {
      isMalformed ||= expiry !== undefined;
      expiry = parameter.slice(4);
    } else if (parameter.startsWith('sig=')) {
      signatures++;
    } else {
      isMalformed = true;
    }
  }
  if (signatures === 0 && !isMalformed) return 'missing';
  if (isMalformed || signatures !== 1 || expiry === undefined || !/^[1-9][0-9]{0,10}$/.test(expiry))
    return 'malformed';
  const signedQuery = query.slice(0, -signatureLength);
  const signature = query.slice(-64);
  const isLast = query.startsWith('&sig=', signedQuery.length) && /^[0-9a-f]{64}$/.test(signature);
  return isLast ? { expiresAt: Number(expiry), signature, signedQuery } : 'malformed';
}

/** The URL without `exp` and `sig`; everything else stays as written. */
export function withoutToken(url: string): string {
  const query = url.indexOf('?');
  if (query < 0) return url;
  const hash = url.indexOf('#');
  const fragment = hash < 0 ? url.length : hash;
  const parameters = url.slice(query + 1, fragment).split('&');
  const kept = parameters.filter((parameter) => !isTokenParameter(parameter));
  if (query > fragment || kept.length === parameters.length) return url;
  return url.slice(0, query) + (kept.length > 0 ? `?${kept.join('&')}` : '') + url.slice(fragment);
}
