/**
 * The inside of a signer: its configuration, its caches, and what begins a response. A symbol of the global registry
 * marks it, so that an app may load the package twice (as ESM and as CommonJS) and share a signer.
 */
import type { BodyTransform } from '../body-transform.ts';
import type { Charset } from '../charset.ts';
import type { Edit } from '../edit.ts';
import type { AccessPolicy, Configuration } from '../options/configuration.ts';
import { ByteRewriter, type Scanner, UnreadableEncoding } from '../rewriting/byte-rewriter.ts';
import { CharsetWatch } from '../rewriting/charset-watch.ts';
import type { ValueMapper } from '../rewriting/locals.ts';
import {
  createDataScanner,
  createPageScanner,
  createTextEditor,
  type RewriterOptions,
} from '../rewriting/rewriter.ts';
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
  /** The expiries for which `#values` is valid. */
  #expiries = '';

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.urls = new ImageUrls(configuration);
  }

  /** @throws ImageSignerError INVALID_OPTION if the clock cannot be trusted */
  now(): EpochSeconds {
    return readClock(this.configuration);
  }

  /** The cache of rewritten attribute values; it is replaced as soon as any variant's step ends. */
  valueCacheAt(now: EpochSeconds): ValueCache {
    const expiries = expiriesAt(now, this.configuration.variants.values());
    if (expiries !== this.#expiries) {
      this.#expiries = expiries;
      this.#values = new ValueCache();
    }
    return this.#values;
  }

  /** @param ttl - in seconds, for all URLs of the response; the ttl of each variant by default */
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

/** One response. All its URLs are signed at the same instant, for the same viewer. */
export interface ResponseInProgress {
  readonly core: SignerCore;
  readonly signer: ResponseSigner;
  readonly reporter: Reporter;
  readonly now: EpochSeconds;
}

/** @returns undefined for anything but a signer */
export function coreOf(value: unknown): SignerCore | undefined {
  const core: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, coreSymbol) : undefined;
  return core === undefined ? undefined : (core as SignerCore); // only `createSigner` sets this symbol
}

export interface HtmlBodyOptions {
  readonly extraTargets: ExtraTargets;
  readonly rewritesCss: boolean;
  /** The encoding that something outside the page names; undefined if nothing does. */
  readonly charset: Charset | undefined;
  /**
   * Called with each URL that is found, and what replaces it: undefined if it stays. Values are not cached then, so that
   * it hears of repeated ones too.
   */
  readonly onUrl?: ((url: string, mapped: string | undefined) => void) | undefined;
}

/** Rewrites a page. */
export function htmlBody(response: ResponseInProgress, options: HtmlBodyOptions): ByteRewriter {
  const edits: Edit[] = [];
  const { charset } = options;
  const watch = charset === undefined ? new CharsetWatch() : undefined;
  const encoding = charset ?? watch!; // without a charset there is a watch
  return body(response, createPageScanner(rewriterOptions(response, options), edits, encoding), edits, watch);
}

/** Rewrites a JSON body. */
export function jsonBody(response: ResponseInProgress, extraTargets: ExtraTargets): BodyTransform {
  const edits: Edit[] = [];
  const options = rewriterOptions(response, { extraTargets, rewritesCss: true });
  return body(response, createDataScanner(options, edits), edits);
}

/** Maps the values of a view: URLs, and the URLs in the texts that `fields` names. */
export function valueMapper(response: ResponseInProgress, extraTargets: ExtraTargets): ValueMapper {
  const options = rewriterOptions(response, { extraTargets, rewritesCss: true });
  return { map: options.map, fields: extraTargets.fields, editText: createTextEditor(options) };
}

function rewriterOptions(
  { core, signer, reporter, now }: ResponseInProgress,
  { extraTargets, rewritesCss, onUrl }: Omit<HtmlBodyOptions, 'charset'>,
): RewriterOptions {
  const map: RewriterOptions['map'] = (url) => {
    const mapped = signer.mapUrl(url);
    onUrl?.(url, mapped);
    return mapped;
  };
  return {
    map: onUrl === undefined ? signer.mapUrl : map,
    isStable: signer.isStable,
    values: signer.isUniform && onUrl === undefined ? core.valueCacheAt(now) : undefined,
    prefilter: core.configuration.prefilter,
    extraTargets,
    rewritesCss,
    onTooLong: () => reporter.report({ type: 'passed', reason: 'too-long' }),
  };
}

function body(
  { reporter }: ResponseInProgress,
  scanner: Scanner,
  edits: Edit[],
  watch?: CharsetWatch,
): ByteRewriter {
  const onError = (error: unknown): void =>
    reporter.report({
      type: 'passed',
      reason: error instanceof UnreadableEncoding ? 'charset' : 'internal-error',
    });
  return new ByteRewriter(scanner, edits, onError, watch);
}
