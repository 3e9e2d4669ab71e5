/** The package reads Markdown as micromark with GitHub's extensions does: what that renders as a URL is signed, all else stays. */
import { expect, test } from 'vitest';
import { countTokens } from '../../support/samples.ts';
import { runs, seed } from '../../support/seed.ts';
import { isDisputed, markdownDocument, markdownSoup } from './documents.ts';
import { markdownFault, rewriteMarkdown } from './judge.ts';

const documents = runs(0.75);

test.each([
  ['documents as people write them', markdownDocument],
  ['soups of markers', markdownSoup],
])(
  `${documents} %s: each destination that is rendered is signed, and no other`,
  { timeout: 240_000 },
  (_, write) => {
    let read = 0;
    for (let at = seed; at < seed + documents; at++) {
      const text = write(at);
      if (isDisputed(text)) continue;
      read++;
      const fault = markdownFault(text);
      if (fault !== undefined) expect.fail(`document ${at}: ${fault}\n${JSON.stringify(text)}`);
    }
    expect(read).toBeGreaterThan(documents / 4);
  },
);

test.each([
  '| a |\n|---|\n| http://imagedelivery.net/A/i1/thumb|',
  'a\n-|\nhttp://imagedelivery.net/A/i1/thumb|',
  '| a | b |\n|---|---|\n| http://imagedelivery.net/A/i1/thumb|http://imagedelivery.net/A/i2/thumb|',
])('a URL that stands bare right before the end of its cell is signed: %j', (text) => {
  expect(markdownFault(text)).toBeUndefined();
  expect(countTokens(rewriteMarkdown(text))).toBeGreaterThan(0);
});

const image = (number: number): string =>
  `![](https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/i${number}/thumb)`;

test.each([
  ['side by side', `[^a]: ${image(1)}\n\n[^a]: ${image(2)}\n\n[^a]`],
  ['within one another', `[^a]: ${image(1)}\n\n    [^a]: [^a]: ${image(2)}\n\n[^a]`],
])('footnotes of one name %s are signed, since renderers differ in which they show', (_, text) => {
  expect(markdownFault(text)).toBeUndefined();
  expect(countTokens(rewriteMarkdown(text))).toBe(2);
});

test.each([`[a](<x\n${image(1)}>)`, `![a](<x\n${image(1)}>)`])(
  'a destination between < and > ends with its line, so that an image behind it is signed: %j',
  (text) => {
    expect(markdownFault(text)).toBeUndefined();
    expect(countTokens(rewriteMarkdown(text))).toBe(1);
  },
);
