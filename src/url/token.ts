/**
 * `exp` and `sig` in a query: read strictly, taken off. Read from the raw text, never from a parsed query, in which
 * a second `exp` hides and `%65xp` looks like `exp`. It knows no key, and does not judge.
 */
import { percentDecode } from './percent-encoding.ts';
import type { Reference } from './reference.ts';

export interface Token {
  /** Unix seconds. */
  readonly expiresAt: number;
  /** 64 lower-case hex digits. */
  readonly signature: string;
  /** The query that the signature is of: all but `&sig=…`. */
  readonly signedQuery: string;
}

const signatureLength = '&sig='.length + 64;

/**
 * @param query - as written, without its `?`
 * @returns `'missing'` without a `sig`; `'malformed'` unless there is one `exp` and one `sig`, the latter last, each in
 *   its one spelling
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

/** The URL without `exp` and `sig`; the rest as written. */
export function withoutToken(text: string, reference: Reference): string {
  const { query, fragment } = reference;
  if (query === fragment) return text;
  const parameters = text.slice(query + 1, fragment).split('&');
  const kept = parameters.filter((parameter) => !isTokenParameter(parameter));
  if (kept.length === parameters.length) return text;
  return text.slice(0, query) + (kept.length > 0 ? `?${kept.join('&')}` : '') + text.slice(fragment);
}

/** Whether a server that decodes names would take this parameter for `exp` or `sig`. */
export function isTokenParameter(parameter: string): boolean {
  const equals = parameter.indexOf('=');
  const name = percentDecode(equals < 0 ? parameter : parameter.slice(0, equals));
  return name === 'exp' || name === 'sig';
}
