/** Credentials that a function of the app gives, such as a credential provider of the AWS SDK. */
import { FetchedValue } from '../../signing/fetched-value.ts';
import type { FetchedSecret } from '../definition.ts';
import type { Credentials } from './credentials.ts';
import { type CredentialsProvider, readCredentials } from './options.ts';

/** In seconds: credentials that do not end may still be exchanged for others. */
const refreshAfter = 300;

export interface CredentialSource extends FetchedSecret {
  /** Undefined if there are none yet, or if they have ended. */
  readonly current: Credentials | undefined;
}

export class FetchedCredentials implements CredentialSource {
  readonly #fetched: FetchedValue<Credentials>;
  /** In Unix seconds: the end of the session, and from when on the next one is asked for. */
  #session = Number.POSITIVE_INFINITY;
  #renewAt = 0;

  constructor(provider: CredentialsProvider) {
    this.#fetched = new FetchedValue({
      fetch: provider,
      read: (given) => {
        const value = readCredentials(given);
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
