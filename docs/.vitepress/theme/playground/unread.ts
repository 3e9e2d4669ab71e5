/** Finds image URLs in places that the package does not read: text, form values, scripts, other attributes. */

import type { LiteralPrefilter } from '../../../../src/rewriting/literal-prefilter.ts';
import { coreOf } from '../../../../src/signer/core.ts';
import type { Signer } from '../../../../src/signer/index.ts';
import { pageUrlsOf } from '../../../../src/tools/diagnosis/page-urls.ts';
import { verdictsOf } from '../../../../src/tools/diagnosis/page-verdicts.ts';
import type { Outcome } from './outcome.ts';

export interface UnreadUrl extends Outcome {
  readonly url: string;
  readonly place: string;
}

/** This page has no HTTP response, so nothing in it says anything about the images. */
const noResponse = {
  lifetime: 0,
  passed: undefined,
  passedStyles: undefined,
  isPersonal: false,
  howToAskAsMember: '',
};

/** By the URL in the page's text, without a token. The package may read the same URL elsewhere in the page. */
export function unreadUrlsOf(page: Buffer, signer: Signer): Map<string, UnreadUrl> {
  const { configuration } = coreOf(signer)!; // it is a signer
  const found = pageUrlsOf(page, 'html', configuration)
    .filter(({ isRead, isLoaded }) => !isRead || !isLoaded)
    .map((each) => ({ ...each, url: signer.unsignImage(each.url) }));
  const facts = { ...noResponse, now: configuration.now() };
  const verdicts = verdictsOf(found, facts, configuration);
  return new Map(
    verdicts.map(({ url, place, code, message, fix }) => {
      // A scheme that cannot verify reports this for every URL; these have no token.
      const isKnown = code !== 'unknown-signature';
      return [url, { kind: 'unread', url, place, ...(isKnown ? { message, fix } : { message: notRead }) }];
    }),
  );
}

const notRead = 'Not signed: imageSigner does not read this place.';

export interface Occurrence {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Finds text that looks like a URL around the bases' literals, in a part of a page. Positions are in bytes. */
export function occurrencesIn(
  page: Buffer,
  prefilter: LiteralPrefilter,
  from: number,
  to: number,
): Occurrence[] {
  const occurrences: Occurrence[] = [];
  for (let at = prefilter.next(page, from, to); at < to; ) {
    let start = at;
    while (start > from && isOfUrl(page[start - 1]!)) start--;
    let end = at;
    while (end < to && isOfUrl(page[end]!)) end++;
    const text = page.toString('utf8', start, end).replaceAll('\\/', '/').replaceAll('&amp;', '&');
    if (text.includes('//')) occurrences.push({ start, end, text });
    at = end < to ? prefilter.next(page, Math.max(end, at + 1), to) : to;
  }
  return occurrences;
}

const delimiters: ReadonlySet<number> = new Set(Buffer.from(' \t\r\n\f"\'`<>{}()[],'));

function isOfUrl(byte: number): boolean {
  return !delimiters.has(byte);
}
