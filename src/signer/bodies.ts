/** Creates what rewrites the bodies of a response, and maps the values of its views. */

import type { SimilarPages } from '../caches/similar-pages.ts';
import { ByteRewriter, type Scanner } from '../rewriting/byte-rewriter.ts';
import { CharsetWatch } from '../rewriting/charset-watch.ts';
import { mapStrings } from '../rewriting/data.ts';
import type { UrlMapper } from '../rewriting/edit-url.ts';
import {
  createDataScanner,
  createPageScanner,
  createStringMapper,
  type DataKind,
  type RewriterOptions,
} from '../rewriting/rewriter.ts';
import type { ExtraTargets } from '../rewriting/targets.ts';
import { UnreadableEncoding } from '../rewriting/unreadable-encoding.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import type { Charset } from '../text/charset.ts';
import type { Edit } from '../text/edit.ts';
import type { ResponseInProgress } from './core.ts';
import { textValuesOf } from './text-values.ts';

export interface HtmlBodyOptions {
  readonly extraTargets: ExtraTargets;
  readonly rewritesCss: boolean;
  /** A Content-Security-Policy allows scripts by their hash. */
  readonly hasHashedScripts?: boolean | undefined;
  /** The encoding that something outside the page names; undefined if nothing does. */
  readonly charset: Charset | undefined;
  /** Called for a script that is not rewritten and may hold URLs; undefined if nobody wants to know. */
  readonly onScriptState?: (() => void) | undefined;
  /**
   * Called with each URL that is found, and what replaces it: undefined if it stays. Values are not cached then, so that
   * it hears of repeated ones too.
   */
  readonly onUrl?: ((url: string, mapped: string | undefined) => void) | undefined;
  /** Pages that this one may be similar to; undefined if it is read in any case. */
  readonly similarPages?: SimilarPages | undefined;
}

/** Rewrites a page. */
export function htmlBody(response: ResponseInProgress, options: HtmlBodyOptions): ByteRewriter {
  const edits: Edit[] = [];
  const { charset, similarPages } = options;
  const watch = charset === undefined ? new CharsetWatch() : undefined;
  const encoding = charset ?? watch!; // without a charset there is a watch
  const rewriter = rewriterOptions(response, options);
  const comparison = similarPages && { pages: similarPages, response };
  return body(response, createPageScanner(rewriter, edits, encoding, comparison), edits, watch);
}

/** Rewrites a body of JSON or events. */
export function dataBody(
  response: ResponseInProgress,
  extraTargets: ExtraTargets,
  kind: DataKind,
): BodyTransform {
  const edits: Edit[] = [];
  const options = rewriterOptions(response, { extraTargets, rewritesCss: true });
  return body(response, createDataScanner(options, edits, kind), edits);
}

/**
 * Signs the URLs of data that the app puts into the response itself, in each string as in a JSON body.
 * @param roots - plain objects and arrays
 * @param maxValues - as in `mapStrings`
 * @returns for each root, the root itself or a changed copy
 * @throws as `mapStrings`
 */
export function signValues(
  roots: readonly object[],
  response: ResponseInProgress,
  extraTargets: ExtraTargets,
  maxValues?: number,
): object[] {
  const { signer } = response;
  const options = rewriterOptions(response, { extraTargets, rewritesCss: true });
  const mapUrl: UrlMapper = (url) => signer.mapDataUrl(url);
  const map = createStringMapper({ ...options, map: mapUrl, mapLink: signer.linkMapperOf(mapUrl) });
  const before = signer.counts.copy();
  try {
    return mapStrings(roots, map, maxValues);
  } finally {
    signer.noteData(before);
  }
}

function rewriterOptions(
  response: ResponseInProgress,
  { extraTargets, rewritesCss, hasHashedScripts, onScriptState, onUrl }: Omit<HtmlBodyOptions, 'charset'>,
): RewriterOptions {
  const { core, signer, reporter, now } = response;
  const heard = (map: UrlMapper): UrlMapper => {
    if (onUrl === undefined) return map;
    return (url) => {
      const mapped = map(url);
      onUrl(url, mapped);
      return mapped;
    };
  };
  const map = heard(signer.mapUrl);
  return {
    map,
    mapLink: signer.linkMapperOf(map),
    isStable: signer.isStable,
    values: signer.isUniform && onUrl === undefined ? core.valueCacheAt(now) : undefined,
    onCached(urls) {
      signer.counts.signed += urls;
    },
    prefilter: reporter.isListening ? core.reportingPrefilter : core.configuration.prefilter,
    extraTargets,
    rewritesCss,
    hasHashedScripts,
    onScriptState,
    ...textValuesOf(response),
    place: signer.place,
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
