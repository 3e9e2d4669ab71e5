/**
 * Connects a response with the rewriters of its bodies and values. It decides what replaces a URL, and whether an ambiguous
 * value is text.
 */
import {
  ByteRewriter,
  type EncodingWatch,
  type Scanner,
  UnreadableEncoding,
} from '../rewriting/byte-rewriter.ts';
import { CharsetWatch } from '../rewriting/charset.ts';
import { mapStrings } from '../rewriting/data.ts';
import {
  createDataScanner,
  createPageScanner,
  createStringMapper,
  type DataKind,
  editNestedText,
} from '../rewriting/nesting.ts';
import type { ExtraTargets, HtmlRewriterOptions, UrlMapper } from '../rewriting/options.ts';
import type { BodyTransform } from '../text/body-transform.ts';
import type { Charset } from '../text/charset.ts';
import type { Edit } from '../text/edit.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { isWholeToken } from '../url/token-parameters.ts';
import type { ResponseInProgress } from './core.ts';
import { findMarkup, type OnMarkupInJson } from './markup-in-json.ts';
import { resolve } from './resolve.ts';

export interface HtmlBodyOptions {
  readonly extraTargets: ExtraTargets;
  readonly rewritesCss: boolean;
  /** A Content-Security-Policy allows scripts by their hash. */
  readonly hasHashedScripts?: boolean | undefined;
  /** The encoding, if something outside the page declares it. */
  readonly charset: Charset | undefined;
  /** Called for a script that is not rewritten and may contain URLs; undefined if nobody listens. */
  readonly onScriptState?: (() => void) | undefined;
  readonly onMarkupInJson?: OnMarkupInJson | undefined;
  /**
   * Called with every URL that is found, and its replacement (undefined if it stays). It turns the value cache off, to see
   * repeated URLs too.
   */
  readonly onUrl?: ((url: string, mapped: string | undefined) => void) | undefined;
}

/** Rewrites a page. */
export function htmlBody(response: ResponseInProgress, options: HtmlBodyOptions): ByteRewriter {
  const edits: Edit[] = [];
  const { charset } = options;
  const watch = charset === undefined ? new CharsetWatch() : undefined;
  const encoding = charset ?? watch!; // without a charset there is a watch
  const rewriter = rewriterOptions(response, options);
  return body(response, createPageScanner(rewriter, edits, encoding), edits, watch);
}

/** Rewrites a body of JSON or events. */
export function dataBody(
  response: ResponseInProgress,
  extraTargets: ExtraTargets,
  kind: DataKind,
  onMarkupInJson?: OnMarkupInJson,
): BodyTransform {
  const edits: Edit[] = [];
  const options = rewriterOptions(response, { extraTargets, rewritesCss: true, onMarkupInJson });
  return body(response, createDataScanner(options, edits, kind), edits);
}

/**
 * Signs the URLs in data that the app puts into the response itself. Strings are read as in a JSON body.
 * @param roots - plain objects and arrays
 * @param maxValues - as in `mapStrings`
 * @returns the roots, or changed copies of them
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
  {
    extraTargets,
    rewritesCss,
    hasHashedScripts,
    onScriptState,
    onMarkupInJson,
    onUrl,
  }: Omit<HtmlBodyOptions, 'charset'>,
): HtmlRewriterOptions {
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
    editText: editNestedText,
    onScriptState,
    ...textValuesOf(response),
    onUnreadString: onMarkupInJson && ((text, member) => findMarkup(text, member, core, onMarkupInJson)),
    place: signer.place,
    onTooLong: () => reporter.report({ type: 'passed', reason: 'too-long' }),
  };
}

function body(
  { reporter }: ResponseInProgress,
  scanner: Scanner,
  edits: Edit[],
  watch?: EncodingWatch,
): ByteRewriter {
  const onError = (error: unknown): void =>
    error instanceof UnreadableEncoding
      ? reporter.report({ type: 'passed', reason: 'charset' })
      : reporter.failed(error);
  return new ByteRewriter(scanner, edits, onError, watch);
}

type TextValues = Required<
  Pick<HtmlRewriterOptions, 'hasTextBehindToken' | 'onSpaceInPath' | 'onMarkupInScript'>
>;

/** The decisions about values that may be text. */
function textValuesOf(response: ResponseInProgress): TextValues {
  return {
    hasTextBehindToken: (url) => hasTextBehindToken(url, response),
    onSpaceInPath: response.reporter.isListening ? (url) => skipSpaceInPath(url, response) : undefined,
    onMarkupInScript: (url) => skipMarkupInScript(url, response),
  };
}

/**
 * Whether words directly follow a URL's token. Read as a part of the token, they would be removed with it. This function knows
 * no token formats. If the URL verifies, there are no such words; if not, the scheme shows what it would write.
 */
function hasTextBehindToken(url: string, { core: { configuration }, signer }: ResponseInProgress): boolean {
  if (!configuration.schemes.some((scheme) => scheme.mayCarryToken(url))) return false;
  const resolved = resolve(url, configuration);
  if (typeof resolved === 'string' || resolved.bare === resolved.text) return false;
  const verified = signer.tokens.verify(resolved.text, resolved);
  if (verified === undefined) return false; // out of signatures: the URL is not signed anew
  if (verified === 'current' || verified.ok || verified.reason === 'expired') return false;
  try {
    const fresh = signer.tokens.fresh(resolved);
    if (fresh === undefined) return false;
    const own = lastParameter(fresh);
    if (own !== undefined && own !== lastParameter(resolved.canonical)) return hasLonger(url, own);
    // The token signs the whole URL, so words after it make the signature bad.
    return resolved.scheme.canVerify && verified.reason === 'bad-signature';
  } catch {
    return false; // the app's own scheme failed, so it will not sign the URL either
  }
}

/** Whether the URL has the parameter with a longer value that isn't a token of another version. */
function hasLonger(url: string, parameter: string): boolean {
  const [name, value] = readParameter(parameter);
  return queryOf(url)
    .split('&')
    .map(readParameter)
    .some((each) => each[0] === name && each[1].length > value.length && !isWholeToken(...each));
}

function lastParameter(url: string): string | undefined {
  const query = queryOf(url);
  return query === '' ? undefined : query.slice(query.lastIndexOf('&') + 1);
}

/** Without its `?`. */
function queryOf(url: string): string {
  const [beforeFragment = ''] = url.split('#', 1);
  const question = beforeFragment.indexOf('?');
  return question < 0 ? '' : beforeFragment.slice(question + 1);
}

/** Decoded: a value may be spelled with or without escapes. */
function readParameter(parameter: string): readonly [name: string, value: string] {
  const equals = parameter.indexOf('=');
  if (equals < 0) return [percentDecode(parameter), ''];
  return [percentDecode(parameter.slice(0, equals)), percentDecode(parameter.slice(equals + 1))];
}

/** Reports a value that would be a URL without the white space in its path. */
function skipSpaceInPath(url: string, { core, signer, reporter }: ResponseInProgress): void {
  const resolved = resolve(url, core.configuration);
  if (typeof resolved === 'string' || resolved.lifetime.alwaysPublic) return;
  signer.counts.skipped++;
  reporter.skipped(url, 'white-space-in-url');
}

/** Reports a URL that was mapped but stays. */
function skipMarkupInScript(url: string | undefined, { signer, reporter }: ResponseInProgress): void {
  const { counts } = signer;
  if (url !== undefined) {
    // Mapping it again shows which count it raised: undo both.
    const before = counts.copy();
    signer.mapUrl(url);
    const once = before.since(counts);
    counts.add(once);
    counts.add(once);
  }
  counts.skipped++;
  reporter.skipped(url ?? '', 'markup-in-script');
}
