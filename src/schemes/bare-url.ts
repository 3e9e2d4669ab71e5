/** The texts of a URL that loses a token, or parameters. */
import { withoutParameters } from './url-parts.ts';
import type { WrittenUrl } from './written-url.ts';

/** A parameter that nobody has allowed would be signed with the site's secret, whatever it asks the store for. */
export function signablePart(url: string, removed: readonly string[]): string {
  const kept = withoutParameters(url, (name) => removed.includes(name));
  const question = kept.indexOf('?');
  // What remains may be separators alone: a lone `?` would not be there when the URL is signed again.
  const isEmpty = question >= 0 && /^\?&*$/.test(kept.slice(question));
  return isEmpty ? kept.slice(0, question) : kept;
}

/** The `?` of a token that stood alone behind separators: read again the URL has none, and would be signed differently. */
export function withoutLoneQuestionMark(bare: string): string {
  return bare.indexOf('?') === bare.length - 1 ? bare.slice(0, -1) : bare;
}

/** The URL as it goes out without a token. @param bare - what `strip` has made of it */
export function asText({ text, url, fragment, place, queryInText }: WrittenUrl, bare: string): string {
  if (bare === url) return text;
  const isAsWritten = queryInText !== undefined;
  return (isAsWritten ? text.slice(0, queryInText) + bare.slice(place.query) : bare) + fragment;
}
