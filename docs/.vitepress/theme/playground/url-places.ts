/** Finds where the URLs stand that the package reads in a page. */

import type { LiteralPrefilter } from '../../../../src/rewriting/literal-prefilter.ts';
import { createPageScanner } from '../../../../src/rewriting/rewriter.ts';
import { noExtraTargets } from '../../../../src/rewriting/targets.ts';
import type { Edit } from '../../../../src/text/edit.ts';

/** In bytes. */
export interface UrlPlace {
  readonly start: number;
  readonly end: number;
  /** Without the escapes of the page. */
  readonly url: string;
}

/** Has the package replace each URL as a whole: its edits say where they stand. @returns in the order of the page */
export function urlPlacesOf(page: Buffer, prefilter: LiteralPrefilter): UrlPlace[] {
  const urls: string[] = [];
  const edits: Edit[] = [];
  const options = {
    map: (url: string) => `~${urls.push(url)}`,
    isStable: () => false,
    values: undefined,
    prefilter,
    extraTargets: noExtraTargets,
    rewritesCss: true,
    onCached() {},
    onScriptState: undefined,
    onTooLong() {},
  };
  createPageScanner(options, edits, 'utf-8').end(page, page.length);
  // Two URLs that touch become one edit: then it is not known which is which.
  if (edits.length !== urls.length) return [];
  return edits.map(({ start, end }, index) => ({ start, end, url: urls[index]! }));
}
