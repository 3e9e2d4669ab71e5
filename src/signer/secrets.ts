/**
 * The secrets of a signer that functions of the app give: asks for them where that is due, and says when there is none.
 * A signer whose secrets are text has none of these.
 */
import { keyUnavailable } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import { type Report, reportEvent } from '../options/default-report.ts';
import type { BoundScheme } from '../schemes/bound.ts';
import type { FetchedSecret } from '../schemes/definition.ts';
import type { EpochSeconds } from '../signing/expiry.ts';

/** @returns undefined if no function has to be asked */
export function secretsOf({ schemes }: Configuration): Secrets | undefined {
  const secrets = schemes.flatMap(({ secret }) => secret ?? []);
  return secrets.length === 0 ? undefined : new Secrets(secrets);
}

export class Secrets {
  readonly #secrets: readonly FetchedSecret[];

  constructor(secrets: readonly FetchedSecret[]) {
    this.#secrets = secrets;
  }

  /**
   * Asks for the secrets where that is due.
   * @param now - in Unix seconds
   * @throws ImageSignerError KEY_UNAVAILABLE if one of them is not there
   */
  require(now: number): void {
    for (const secret of this.#secrets)
      if (secret.refresh(now) !== undefined) throw keyUnavailable(secret.failure);
  }

  /**
   * Asks for the secrets where that is due, for callers that can wait for the answers.
   * @param now - in Unix seconds
   * @returns undefined if all of them are there; otherwise a promise, which is rejected with KEY_UNAVAILABLE if one of
   *   them fails
   */
  ready(now: number): Promise<void> | undefined {
    const pending = this.#secrets.map((secret) => secret.refresh(now)).filter((each) => each !== undefined);
    return pending.length === 0 ? undefined : this.#checked(pending);
  }

  async #checked(pending: readonly Promise<void>[]): Promise<void> {
    await Promise.all(pending);
    const failed = this.#secrets.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) throw keyUnavailable(failed.failure);
  }
}

/** Reports a secret that ends before the ttl does, once per secret: the URLs that the app gets live shorter than it asked. */
export class EarlyEnds {
  readonly #schemes: readonly BoundScheme[];
  /** Their generations. */
  readonly #reported: Map<BoundScheme, number> = new Map();

  constructor(schemes: readonly BoundScheme[]) {
    this.#schemes = schemes;
  }

  /**
   * Not by a `Reporter`, whose events keep a page out of the cache: this one says nothing about the page.
   * @param ttl - of the response, in seconds; undefined: that of the scheme's lifetimes
   */
  reportAt(now: EpochSeconds, ttl: number | undefined, report: Report | undefined): void {
    for (const scheme of this.#schemes) {
      const { generation, name, lifetimes, secretEndsAt: endsAt } = scheme;
      const wanted = ttl ?? Math.max(...lifetimes.map((lifetime) => lifetime.ttl));
      if (endsAt >= now + wanted || this.#reported.get(scheme) === generation) continue;
      this.#reported.set(scheme, generation);
      reportEvent(report, { type: 'key-ends-early', scheme: name, endsAt });
    }
  }
}
