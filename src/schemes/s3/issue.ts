/** What the URLs have in common that are issued at one moment: the token but its signature, and the key. */
import type { Secret } from '../../signing/digests.ts';
import type { Credentials } from './credentials.ts';

const algorithm = 'AWS4-HMAC-SHA256';

export interface Issue {
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

/** Computes issues, and remembers the last one: all URLs of a step have it. */
export class Issues {
  readonly #region: string;
  #last: Issue | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /** @returns the issue for these terms, which are in seconds */
  of(credentials: Credentials, issuedAt: number, lifetime: number): Issue {
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
