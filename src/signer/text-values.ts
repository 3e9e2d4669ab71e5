/** Decides whether a value of a page is a URL or a text, and reports a URL that is left alone. */
import type { HtmlRewriterOptions } from '../rewriting/html-options.ts';
import { percentDecode } from '../url/percent-encoding.ts';
import { isWholeToken } from '../url/token-parameters.ts';
import type { ResponseInProgress } from './core.ts';
import { resolve } from './resolve.ts';

type TextValues = Required<
  Pick<HtmlRewriterOptions, 'hasTextBehindToken' | 'onSpaceInPath' | 'onMarkupInScript'>
>;

export function textValuesOf(response: ResponseInProgress): TextValues {
  return {
    hasTextBehindToken: (url) => hasTextBehindToken(url, response),
    onSpaceInPath: response.reporter.isListening ? (url) => skipSpaceInPath(url, response) : undefined,
    onMarkupInScript: (url) => skipMarkupInScript(url, response),
  };
}

/**
 * Whether words stand right behind the token of a URL: read as a part of it, they would go with it. No form of tokens is
 * known here. If the URL verifies, all of it is one; if not, the scheme itself says what it would write.
 */
function hasTextBehindToken(url: string, { core: { configuration }, signer }: ResponseInProgress): boolean {
  if (!configuration.schemes.some((scheme) => scheme.mayCarryToken(url))) return false;
  const resolved = resolve(url, configuration);
  if (typeof resolved === 'string' || resolved.bare === resolved.text) return false;
  const verified = signer.verify(resolved.text, resolved);
  if (verified === undefined) return false; // it is not signed anew, and only loses a token that is refused
  if (verified === 'current' || verified.ok || verified.reason === 'expired') return false;
  try {
    const fresh = signer.freshUrl(resolved);
    if (fresh === undefined) return false;
    const own = lastParameter(fresh);
    if (own !== undefined && own !== lastParameter(resolved.canonical)) return hasLonger(url, own);
    // A token in front of something else is one of the whole URL: words behind it make it one of another URL.
    return resolved.scheme.canVerify && verified.reason === 'bad-signature';
  } catch {
    return false; // a scheme of the app's own has failed: it signs no URL here either
  }
}

/** Whether the URL has the parameter with a longer value, and that is no token of another version with the same name. */
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

/** Decoded: the same value may be spelled with escapes or without. */
function readParameter(parameter: string): readonly [name: string, value: string] {
  const equals = parameter.indexOf('=');
  if (equals < 0) return [percentDecode(parameter), ''];
  return [percentDecode(parameter.slice(0, equals)), percentDecode(parameter.slice(equals + 1))];
}

/** Of a value that is one URL but for white space in its path. */
function skipSpaceInPath(url: string, { core, signer, reporter }: ResponseInProgress): void {
  const resolved = resolve(url, core.configuration);
  if (typeof resolved === 'string' || resolved.lifetime.alwaysPublic) return;
  signer.counts.skipped++;
  reporter.skipped(url, 'white-space-in-url');
}

/** Of a URL that has been mapped, and stays nevertheless. */
function skipMarkupInScript(url: string | undefined, { signer, reporter }: ResponseInProgress): void {
  const { counts } = signer;
  if (url !== undefined) {
    // What it has been counted as is found out by mapping it again.
    const before = counts.copy();
    signer.mapUrl(url);
    const once = before.since(counts);
    counts.add(once);
    counts.add(once);
  }
  counts.skipped++;
  reporter.skipped(url ?? '', 'markup-in-script');
}
