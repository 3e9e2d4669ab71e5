/** Finds the positions of the URLs that the package reads in a page. */

import type { LiteralPrefilter } from '../../../../src/rewriting/literal-prefilter.ts';
import { createPageScanner, editNestedText } from '../../../../src/rewriting/nesting.ts';
import { noExtraTargets } from '../../../../src/rewriting/options.ts';
import type { Edit } from '../../../../src/text/edit.ts';

/** A URL that the package reads. */
export interface ReadUrl {
  /** Without the page's escapes. */
  readonly url: string;
  /** In bytes; undefined if the URL cannot be replaced, as in a template that computes a part of it. */
  readonly place: { readonly start: number; readonly end: number } | undefined;
}

/**
 * Makes the package replace every URL as a whole: its edits give the positions.
 * @returns the URLs in page order; undefined if they cannot be told apart
 */
export function urlPlacesOf(page: Buffer, prefilter: LiteralPrefilter): ReadUrl[] | undefined {
  const urls: string[] = [];
  const edits: Edit[] = [];
  const options = {
    map: (url: string) => `~${urls.push(url)}`,
    isStable: () => false,
    values: undefined,
    prefilter,
    extraTargets: noExtraTargets,
    rewritesCss: true,
    editText: editNestedText,
    onCached() {},
    onScriptState: undefined,
    onTooLong() {},
  };
  createPageScanner(options, edits, 'utf-8').end(page, page.length);
  const places = new Map(edits.map(({ start, end, text }) => [text, { start, end }]));
  // Two URLs that touch become one edit.
  if ([...places.keys()].some((text) => !/^~\d+$/.test(text))) return undefined;
  return urls.map((url, index) => ({ url, place: places.get(`~${index + 1}`) }));
}
