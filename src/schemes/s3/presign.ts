/**
 * Presigns a `GET` of an object (Signature Version 4 in the query).
 * @see AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"
 */
import { hashHex } from '../../signing/digests.ts';
import { splitUrl } from '../absolute-url.ts';
import type { Credentials } from './credentials.ts';
import { encodePath, signedQuery } from './query.ts';

const algorithm = 'AWS4-HMAC-SHA256';

export interface Period {
  /** In Unix seconds: `X-Amz-Date`. */
  readonly issuedAt: number;
  /** In seconds: `X-Amz-Expires`. */
  readonly lifetime: number;
}

/**
 * @param url - without a token
 * @returns the URL with its path in AWS's spelling, which S3 signs whatever the client sends
 */
export function presign(url: string, credentials: Credentials, region: string, period: Period): string {
  const { host, path, query } = splitUrl(url);
  const date = basicDate(period.issuedAt);
  const scope = credentials.scopeOf(date.slice(0, 8), region);
  const { sessionToken } = credentials;
  const token = [
    `X-Amz-Algorithm=${algorithm}`,
    `&X-Amz-Credential=${scope.credential}`,
    `&X-Amz-Date=${date}`,
    `&X-Amz-Expires=${period.lifetime}`,
    sessionToken === undefined ? '' : `&X-Amz-Security-Token=${sessionToken}`,
    '&X-Amz-SignedHeaders=host',
  ].join('');
  const { shown, canonical } = signedQuery(url.slice(query + 1), token);
  const key = encodePath(url.slice(path, query));
  const request = `GET\n${key}\n${canonical}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const text = `${algorithm}\n${date}\n${scope.name}\n${hashHex('sha256', request)}`;
  return `${url.slice(0, path)}${key}?${shown}&X-Amz-Signature=${scope.key.mac('sha256', text, 'hex')}`;
}

/** @returns `yyyymmddThhmmssZ`, in UTC */
function basicDate(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString(); // yyyy-mm-ddThh:mm:ss.000Z
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** @returns Unix seconds; undefined for anything but `yyyymmddThhmmssZ` */
export function readBasicDate(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text)?.map(Number) ?? [];
  if (year === undefined) return undefined;
  // A day such as February 31 becomes another one, which does not have this signature.
  return Date.UTC(year, month! - 1, day, hour, minute, second) / 1000;
}
