/** Credentials of an AWS account or of a compatible store. Private fields keep them out of `util.inspect` and JSON. */
import { BoundedCache } from '../../bounded-cache.ts';
import { Secret } from '../../signing/digests.ts';
import { endOf, type HeldSecret } from '../secrets.ts';
import { encodeParameter } from './query.ts';

export interface CredentialParts {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** What one day's URLs are signed with. */
export interface SigningScope {
  /** `<yyyymmdd>/<region>/s3/aws4_request`. */
  readonly name: string;
  /** `<access key id>/<scope>`, percent-encoded. */
  readonly credential: string;
  readonly key: Secret;
}

/** URLs of one moment are issued on one or two days. A stranger's URLs that are verified may name any day. */
const maxCachedDays = 8;

export class Credentials implements HeldSecret {
  readonly #accessKeyId: string;
  readonly #secret: Secret;
  readonly #sessionToken: string | undefined;
  readonly #scopes: BoundedCache<SigningScope> = new BoundedCache(maxCachedDays);
  /** In Unix seconds: no URL is valid for longer. `Infinity` for credentials that do not end. */
  readonly endsAt: number;
  /** Differs where URLs do. */
  readonly fingerprint: string;

  constructor({ accessKeyId, secretAccessKey, sessionToken, expiration }: CredentialParts) {
    this.#accessKeyId = accessKeyId;
    this.#secret = new Secret(`AWS4${secretAccessKey}`);
    this.#sessionToken = sessionToken === undefined ? undefined : encodeText(sessionToken);
    this.endsAt = endOf(expiration);
    const session = JSON.stringify([accessKeyId, sessionToken]);
    this.fingerprint = `${this.#secret.fingerprint}${new Secret(session).fingerprint}`;
  }

  /** Percent-encoded; undefined for credentials of no session. */
  get sessionToken(): string | undefined {
    return this.#sessionToken;
  }

  /**
   * The signing key is derived once a day: that takes four MACs, and a URL one.
   * @param day - `yyyymmdd`
   */
  scopeOf(day: string, region: string): SigningScope {
    const known = this.#scopes.get(day + region);
    if (known !== undefined) return known;
    const name = `${day}/${region}/s3/aws4_request`;
    const key = ['s3', 'aws4_request'].reduce(
      (parent, part) => new Secret(parent.macBytes('sha256', part)),
      new Secret(new Secret(this.#secret.macBytes('sha256', day)).macBytes('sha256', region)),
    );
    const credential = encodeText(`${this.#accessKeyId}/${name}`);
    const scope = { name, credential, key };
    this.#scopes.set(day + region, scope);
    return scope;
  }
}

/** @param text - well-formed Unicode */
function encodeText(text: string): string {
  return encodeParameter(encodeURIComponent(text));
}
