/**
 * Tells a signed URL from a text that begins with one, where neither has white space: `<signed URL>.` or `<signed URL>。`
 * with words behind. No form of tokens is known here: the scheme itself says what it would write for the same URL.
 */
import type { ResolvedImage } from '../schemes/bound.ts';
import { percentDecode } from '../url/percent-encoding.ts';

/**
 * @param url - carries a token, or what may be one
 * @param resolved - of this URL
 * @param signed - the same URL with a token of its scheme
 */
export function hasTextBehindToken(url: string, resolved: ResolvedImage, signed: string): boolean {
  const own = lastParameter(signed);
  // A token elsewhere than at the end is one for the whole URL, or the words that follow have made another URL of it.
  if (own === undefined || own === lastParameter(resolved.canonical)) return resolved.scheme.canVerify;
  const [name, value] = readParameter(own);
  return queryOf(url)
    .split('&')
    .map(readParameter)
    .some((each) => each[0] === name && each[1].length > value.length);
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
