/**
 * The inside of a signer: its configuration, caches and secrets, and what begins a response. A symbol of the global registry
 * marks it, so that an app may load the package twice (as ESM and as CommonJS) and share a signer.
 */
import { WithinStep } from '../caches/page-cache.ts';
import { ValueCache } from '../caches/value-cache.ts';
import { keyUnavailable } from '../errors.ts';
import type { AccessRules, Configuration } from '../options/configuration.ts';
import { type Report, reportEvent } from '../options/default-report.ts';
import { LiteralPrefilter, literalOf } from '../rewriting/literal-prefilter.ts';
import { type BoundScheme, generationOf } from '../schemes/bound.ts';
import type { FetchedSecret } from '../schemes/definition.ts';
import { type EpochSeconds, expiriesAt } from '../signing/expiry.ts';
import { readClock, readClockOrNaN } from './clock.ts';
import { PageSigning, type SentHeaders } from './page-signing.ts';
import type { Reporter } from './reporter.ts';
import { SignedUrls } from './signed-urls.ts';
import { checkTtl } from './terms.ts';
import { createTextUnsigner, TextWatch } from './unsign-text.ts';

export const coreSymbol: unique symbol = Symbol.for('image-signer.core.1') as never;

export class SigningCore {
  readonly configuration: Configuration;
  readonly urls: SignedUrls;
  #reportingPrefilter: LiteralPrefilter | undefined;
  readonly #values: WithinStep<ValueCache>;
  /** Undefined if no secret is a function. */
  readonly #secrets: Secrets | undefined;
  /** Undefined if no secret expires. */
  readonly #earlyEnds: EarlyEnds | undefined;
  #textUnsigner: ((text: string) => string) | undefined;

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.urls = new SignedUrls(configuration);
    this.#values = new WithinStep(() => new ValueCache(configuration.memory.values));
    this.#secrets = secretsOf(configuration);
    this.#earlyEnds = this.#secrets && new EarlyEnds(configuration.schemes);
  }

  /** Whether there is a key to sign and verify with. */
  get hasKey(): boolean {
    return this.configuration.schemes.every(({ secretEndsAt }) => secretEndsAt > 0);
  }

  /**
   * Called before a request is handled. It fetches the key if that is due.
   * @returns undefined if there is nothing to wait for; otherwise a promise that rejects with KEY_UNAVAILABLE if there is
   *   still no key
   */
  ready(): Promise<void> | undefined {
    return this.#secrets?.ready(Math.floor(readClockOrNaN(this.configuration) / 1000));
  }

  /** Also finds URLs that look like the store's but are under no base, to report them. */
  get reportingPrefilter(): LiteralPrefilter {
    this.#reportingPrefilter ??= this.#createReportingPrefilter();
    return this.#reportingPrefilter;
  }

  #createReportingPrefilter(): LiteralPrefilter {
    const { prefilter, schemes } = this.configuration;
    const others = schemes.flatMap(({ definition }) => definition.unmatching?.literal ?? []);
    if (others.length === 0) return prefilter;
    const own = schemes.flatMap(({ namedBases }) =>
      namedBases.map(({ authority, path }) => literalOf(authority, path)),
    );
    return new LiteralPrefilter([...own, ...others]);
  }

  /** The text without the tokens of delivery URLs. */
  unsignText(text: string): string {
    this.#textUnsigner ??= createTextUnsigner(this.configuration);
    return this.#textUnsigner(text);
  }

  /** @param onUrl - called once, for the first image URL in the text without a token */
  watchText(onUrl: () => void): TextWatch {
    return new TextWatch(this.configuration.schemes, onUrl);
  }

  /** Fetches the key if that is due, for callers that never wait. */
  refresh(): void {
    this.ready()?.catch(() => {}); // the call that needs the key throws
  }

  /**
   * The instant at which something is signed.
   * @throws ImageSignerError INVALID_OPTION if the clock cannot be trusted, KEY_UNAVAILABLE if there is no key
   */
  now(): EpochSeconds {
    const now = readClock(this.configuration);
    this.#secrets?.require(now);
    return now;
  }

  /** Identifies the keys and every variant's expiry: while it stays the same, no token of a page changes. */
  stepAt(now: EpochSeconds): string {
    const { lifetimes, schemes } = this.configuration;
    return `${generationOf(schemes)} ${expiriesAt(now, lifetimes)}`;
  }

  /** The cache of rewritten attribute values. It starts anew when any variant's step ends. */
  valueCacheAt(now: EpochSeconds): ValueCache {
    return this.#values.at(this.stepAt(now));
  }

  /**
   * Begins a response, at one instant. Reports a secret that expires too early for it.
   * @param request - passed to `authorize`
   * @throws ImageSignerError as `now`, and INVALID_OPTION for a ttl that a scheme cannot give
   */
  beginResponse(
    access: AccessRules,
    request: unknown,
    reporter: Reporter,
    { ttl, sent }: ResponseTerms = {},
  ): ResponseInProgress {
    const now = this.now();
    if (ttl !== undefined) checkTtl(ttl, this.configuration);
    this.#earlyEnds?.reportAt(now, ttl, access.report);
    const viewer = { access, reporter, request, sent };
    const signer = new PageSigning(this.configuration, this.urls, viewer, now, ttl);
    return { core: this, signer, reporter, now, keyGeneration: generationOf(this.configuration.schemes) };
  }
}

/** What may differ between responses. */
export interface ResponseTerms {
  /** In seconds, for all URLs of the response. Default: the variants' own. */
  readonly ttl?: number | undefined;
  /** Undefined for a page without headers. */
  readonly sent?: SentHeaders | undefined;
}

/** One response. All its URLs are signed at the same instant, for the same viewer. */
export interface ResponseInProgress {
  readonly core: SigningCore;
  readonly signer: PageSigning;
  readonly reporter: Reporter;
  readonly now: EpochSeconds;
  /** The keys' generation when the response began. */
  readonly keyGeneration: number;
}

/** @returns undefined for anything but a signer */
export function coreOf(value: unknown): SigningCore | undefined {
  const core: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, coreSymbol) : undefined;
  return core === undefined ? undefined : (core as SigningCore); // only `createSigner` sets this symbol
}

/** @returns undefined if no secret is a function */
export function secretsOf({ schemes }: Configuration): Secrets | undefined {
  const secrets = schemes.flatMap(({ secret }) => secret ?? []);
  return secrets.length === 0 ? undefined : new Secrets(secrets);
}

/** Secrets from the app's functions: fetches them when that is due. */
export class Secrets {
  readonly #secrets: readonly FetchedSecret[];

  constructor(secrets: readonly FetchedSecret[]) {
    this.#secrets = secrets;
  }

  /**
   * Fetches the secrets if that is due.
   * @param now - in Unix seconds
   * @throws ImageSignerError KEY_UNAVAILABLE if one of them is missing
   */
  require(now: number): void {
    for (const secret of this.#secrets) if (secret.refresh(now) !== undefined) throw keyUnavailable(secret);
  }

  /**
   * Fetches the secrets if that is due, for callers that can wait.
   * @param now - in Unix seconds
   * @returns undefined if all are there; otherwise a promise that rejects with KEY_UNAVAILABLE if one of them fails
   */
  ready(now: number): Promise<void> | undefined {
    const pending = this.#secrets.map((secret) => secret.refresh(now)).filter((each) => each !== undefined);
    return pending.length === 0 ? undefined : this.#checked(pending);
  }

  async #checked(pending: readonly Promise<void>[]): Promise<void> {
    await Promise.all(pending);
    const failed = this.#secrets.find(({ failure }) => failure !== undefined);
    if (failed !== undefined) throw keyUnavailable(failed);
  }
}

/** Reports, once per secret, that it expires before the ttl: the app's URLs live shorter than it asked. */
class EarlyEnds {
  readonly #schemes: readonly BoundScheme[];
  /** Their generations. */
  readonly #reported: Map<BoundScheme, number> = new Map();

  constructor(schemes: readonly BoundScheme[]) {
    this.#schemes = schemes;
  }

  /**
   * Without a `Reporter`, whose events keep a page out of the cache: this event is not about the page.
   * @param ttl - of the response, in seconds; undefined for the scheme's lifetimes
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
