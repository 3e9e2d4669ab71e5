/**
 * Presigns a `GET` of an object (Signature Version 4 in the query).
 * @see AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"
 */
import { hashHex } from '../../signing/digests.ts';
import { splitUrl } from '../absolute-url.ts';
import type { Issue } from './issue.ts';
import { encodePath, signedQuery } from './query.ts';

/**
 * @param url - without a token
 * @returns the URL with its path in AWS's spelling, which S3 signs whatever the client sends
 */
export function presign(url: string, { token, head, key: secret }: Issue): string {
  const { host, path, query } = splitUrl(url);
  const { shown, canonical } = signedQuery(url.slice(query + 1), token);
  const key = encodePath(url.slice(path, query));
  const request = `GET\n${key}\n${canonical}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
  const signature = secret.mac('sha256', head + hashHex('sha256', request), 'hex');
  return `${url.slice(0, path)}${key}?${shown}&X-Amz-Signature=${signature}`;
}
