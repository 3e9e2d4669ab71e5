/**
 * Credentials of an AWS account or of a compatible store: given once, or by a function of the app, such as a credential
 * provider of the AWS SDK. Private fields keep them out of `util.inspect` and JSON.
 */
import { BoundedCache } from '../../bounded-cache.ts';
import { Secret } from '../../signing/digests.ts';
import { FetchedValue } from '../../signing/fetched-value.ts';
import type { FetchedSecret } from '../definition.ts';
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

export class Credentials {
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
    this.endsAt =
      expiration === undefined ? Number.POSITIVE_INFINITY : Math.floor(expiration.getTime() / 1000);
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

/** In seconds: credentials that do not end may still be exchanged for others. */
const refreshAfter = 300;

interface CredentialSource extends FetchedSecret {
  /** Undefined if there are none yet, or if they have ended. */
  readonly current: Credentials | undefined;
}

export class FetchedCredentials implements CredentialSource {
  readonly #fetched: FetchedValue<Credentials>;
  /** In Unix seconds: the end of the session, and from when on the next one is asked for. */
  #session = Number.POSITIVE_INFINITY;
  #renewAt = 0;

  /**
   * @param provider - the app's function
   * @param read - checks what it gave; throws for anything but credentials
   */
  constructor(provider: () => unknown, read: (given: unknown) => Credentials) {
    this.#fetched = new FetchedValue({
      fetch: provider,
      read: (given) => {
        const value = read(given);
        return { value, endsAt: value.endsAt };
      },
      isSame: (one, other) => one.fingerprint === other.fingerprint,
      refreshAfter,
    });
  }

  get current(): Credentials | undefined {
    return this.#fetched.current;
  }

  get generation(): number {
    return this.#fetched.generation;
  }

  get endsAt(): number {
    return this.#fetched.endsAt;
  }

  get failure(): unknown {
    return this.#fetched.failure;
  }

  listen(onFailure: (error: unknown) => void): void {
    this.#fetched.listen(onFailure);
  }

  /**
   * A session is kept for half of its life: a provider may open another one whenever it is asked, and all URLs would
   * change.
   */
  refresh(now: number): Promise<void> | undefined {
    if (now < this.#renewAt) return undefined;
    const pending = this.#fetched.refresh(now);
    const { endsAt } = this.#fetched;
    if (endsAt !== this.#session) {
      this.#session = endsAt;
      this.#renewAt = endsAt === Number.POSITIVE_INFINITY ? 0 : now + (endsAt - now) / 2;
    }
    return pending;
  }
}

/** Credentials that were given once, and may end nevertheless. */
export function givenCredentials(credentials: Credentials): CredentialSource {
  return {
    current: credentials,
    generation: 0,
    endsAt: credentials.endsAt,
    failure: undefined,
    refresh: () => undefined,
    listen() {},
  };
}
