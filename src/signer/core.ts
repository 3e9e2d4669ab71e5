/**
 * What is behind a signer: the configuration, the memo, and one `ResponseSigner` for each response. Told by a symbol
 * of the registry, so that a signer of the package's other copy (ESM beside CommonJS) is known as one.
 */
import type { BodyTransform } from '../body-transform.ts';
import type { Edit } from '../edit.ts';
import type { AccessPolicy, Configuration } from '../options/configuration.ts';
import { ByteRewriter, type Scanner, UnreadableEncoding } from '../rewriting/byte-rewriter.ts';
import { CharsetWatch } from '../rewriting/charset-watch.ts';
import { createHtmlScanner } from '../rewriting/html-rewriter.ts';
import { createJsonScanner } from '../rewriting/json-rewriter.ts';
import type { ExtraTargets } from '../rewriting/targets.ts';
import { ValueCache } from '../rewriting/value-cache.ts';
import { type EpochSeconds, expiriesAt } from '../signing/expiry.ts';
import { readClock } from './clock.ts';
import { Reporter } from './events.ts';
import { ImageUrls } from './image-urls.ts';
import { ResponseSigner } from './response-signer.ts';

export const coreSymbol: unique symbol = Symbol.for('image-signer.core') as never;

export class SignerCore {
  readonly configuration: Configuration;
  readonly urls: ImageUrls;
  #values: ValueCache = new ValueCache();
  /** The expiries that they hold for. */
  #steps = '';

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.urls = new ImageUrls(configuration);
  }

  /** @throws ImageSignerError INVALID_OPTION for a clock that cannot be believed */
  now(): EpochSeconds {
    return readClock(this.configuration);
  }

  /** What is known of values of attributes at this instant; they are forgotten as soon as any variant's step ends. */
  valueCacheAt(now: EpochSeconds): ValueCache {
    const steps = expiriesAt(now, this.configuration.variants.values());
    if (steps !== this.#steps) {
      this.#steps = steps;
      this.#values = new ValueCache();
    }
    return this.#values;
  }

  /** @param ttl - in seconds, for all URLs of the response; each variant's own if left out */
  beginResponse(
    access: AccessPolicy,
    request: unknown,
    now: EpochSeconds = this.now(),
    ttl?: number,
  ): ResponseInProgress {
    const reporter = new Reporter(access.report);
    const signer = new ResponseSigner(this.configuration, this.urls, { access, reporter, request }, now, ttl);
    return { core: this, signer, reporter, now };
  }
}

/** One response, from the request on: everything that is said of it stands for the same instant and viewer. */
export interface ResponseInProgress {
  readonly core: SignerCore;
  readonly signer: ResponseSigner;
  readonly reporter: Reporter;
  readonly now: EpochSeconds;
}

/** The signer's core, if it is a signer. */
export function coreOf(value: unknown): SignerCore | undefined {
  const core: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, coreSymbol) : undefined;
  return core === undefined ? undefined : (core as SignerCore); // under our symbol stands nothing else
}

export interface HtmlBodyOptions {
  readonly extraTargets: ExtraTargets;
  readonly rewritesCss: boolean;
  /** Something outside the page says in which character set it is, and that one can be read. */
  readonly isCharsetKnown: boolean;
}

/** A page on its way out. */
export function htmlBody(response: ResponseInProgress, options: HtmlBodyOptions): ByteRewriter {
  const { core, signer, now } = response;
  const { isStable } = signer;
  const values = signer.isUniform ? core.valueCacheAt(now) : undefined;
  return body(
    response,
    (edits, onTooLong) =>
      createHtmlScanner({ ...options, ...mapping(response), isStable, values, onTooLong }, edits),
    options.isCharsetKnown ? undefined : new CharsetWatch(),
  );
}

/** A body of JSON on its way out. */
export function jsonBody(response: ResponseInProgress): BodyTransform {
  return body(response, (edits, onTooLong) => createJsonScanner({ ...mapping(response), onTooLong }, edits));
}

function mapping({
  core,
  signer,
}: ResponseInProgress): Pick<Parameters<typeof createJsonScanner>[0], 'map' | 'prefilter'> {
  return { map: signer.mapUrl, prefilter: core.configuration.prefilter };
}

function body(
  { reporter }: ResponseInProgress,
  createScanner: (edits: Edit[], onTooLong: () => void) => Scanner,
  watch?: CharsetWatch,
): ByteRewriter {
  const edits: Edit[] = [];
  const scanner = createScanner(edits, () => reporter.report({ type: 'passed', reason: 'too-long' }));
  const fault = (error: unknown): void =>
    reporter.report({
      type: 'passed',
      reason: error instanceof UnreadableEncoding ? 'charset' : 'internal-error',
    });
  return new ByteRewriter(scanner, edits, fault, watch);
}
