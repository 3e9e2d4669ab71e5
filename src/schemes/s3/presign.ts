/**
 * Presigns the `GET` of an object (Signature Version 4 in the query), and reads when a presigned URL was issued and for how
 * long. It knows no options, and no clock.
 */
import { hashHex, type Secret } from '../../signing/digests.ts';
import type { SignTerms } from '../definition.ts';
import { onlyParameter, splitUrl, withoutParameters } from '../url-parts.ts';
import type { Credentials } from './credentials.ts';
import { encodePath, isBucketToken, signedQuery } from './query.ts';

const algorithm = 'AWS4-HMAC-SHA256';

/** What the URLs have in common that are issued at one moment: the token but its signature, and the key. */
interface Issue {
  readonly credentials: Credentials;
  /** In Unix seconds: `X-Amz-Date`. */
  readonly issuedAt: number;
  /** In seconds: `X-Amz-Expires`. */
  readonly lifetime: number;
  /** The token's parameters without the signature, sorted and encoded. */
  readonly token: string;
  /** The string to sign, up to the hash of the request. */
  readonly head: string;
  readonly key: Secret;
}

/** Remembers the last issue: all URLs of a step have it. */
export class Presigner {
  readonly #region: string;
  #last: Issue | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /**
   * @param url - without a token
   * @param issuedAt - in Unix seconds
   * @param lifetime - in seconds
   * @returns the URL with its path in AWS's spelling, which S3 signs whatever the client sends
   */
  presign(url: string, credentials: Credentials, issuedAt: number, lifetime: number): string {
    const { token, head, key: secret } = this.#issueFor(credentials, issuedAt, lifetime);
    const { host, path, query } = splitUrl(url);
    const { shown, canonical } = signedQuery(url.slice(query + 1), token);
    const key = encodePath(url.slice(path, query));
    const request = `GET\n${key}\n${canonical}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
    const signature = secret.mac('sha256', head + hashHex('sha256', request), 'hex');
    return `${url.slice(0, path)}${key}?${shown}&X-Amz-Signature=${signature}`;
  }

  #issueFor(credentials: Credentials, issuedAt: number, lifetime: number): Issue {
    const last = this.#last;
    if (last?.credentials === credentials && last.issuedAt === issuedAt && last.lifetime === lifetime)
      return last;
    const issue = issueOf(credentials, this.#region, issuedAt, lifetime);
    this.#last = issue;
    return issue;
  }
}

function issueOf(credentials: Credentials, region: string, issuedAt: number, lifetime: number): Issue {
  const date = basicDate(issuedAt);
  const { name, credential, key } = credentials.scopeOf(date.slice(0, 8), region);
  const { sessionToken } = credentials;
  // `join` makes one flat string. V8 would copy the pieces of a template one by one for every URL.
  const token = [
    `X-Amz-Algorithm=${algorithm}`,
    `&X-Amz-Credential=${credential}`,
    `&X-Amz-Date=${date}`,
    `&X-Amz-Expires=${lifetime}`,
    sessionToken === undefined ? '' : `&X-Amz-Security-Token=${sessionToken}`,
    '&X-Amz-SignedHeaders=host',
  ].join('');
  const head = [algorithm, date, name, ''].join('\n');
  return { credentials, issuedAt, lifetime, token, head, key };
}

/** What a token says of itself. @param prefix - of the names of its parameters: `'X-Amz-'`, or Google's */
export function readTerms(url: string, prefix = 'X-Amz-'): SignTerms | 'missing' | 'malformed' {
  if (withoutParameters(url, isBucketToken) === url) return 'missing';
  const date = onlyParameter(url, `${prefix}Date`);
  const lifetime = onlyParameter(url, `${prefix}Expires`);
  const issuedAt = date === undefined ? undefined : readBasicDate(date);
  if (issuedAt === undefined || lifetime === undefined || !/^(?:0|[1-9]\d{0,5})$/.test(lifetime))
    return 'malformed';
  return { exp: issuedAt + Number(lifetime), ttl: Number(lifetime), step: 0 };
}

/** @returns `yyyymmddThhmmssZ`, in UTC */
export function basicDate(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString(); // yyyy-mm-ddThh:mm:ss.000Z
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** @returns Unix seconds; undefined for anything but `yyyymmddThhmmssZ` */
function readBasicDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.map(Number) ?? [];
  if (year === undefined) return undefined;
  // A day such as February 31 becomes another one, which does not have this signature.
  return Date.UTC(year, month! - 1, day, hour, minute, second) / 1000;
}
