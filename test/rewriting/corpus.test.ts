import { expect, test } from 'vitest';
import { type ReadyPage, readCorpus } from '../support/corpus.ts';
import { inBytesAround, inChunksOf, rewriteInChunks } from '../support/generators/chunks.ts';
import { readPage } from '../support/oracles/browser-reading.ts';
import { otherId, signerWith, url, withoutTokens } from '../support/samples.ts';

/** A page that needs no folder; `cases.test.ts` and the laws have every place of the contract. */
const own: ReadyPage = {
  name: 'a page of our own',
  html: Buffer.from(`<!DOCTYPE html><meta property="og:image" content="${url('hero')}"><!-- ${url('thumb')} -->
<style>/* ${url('thumb')} */ .a { background: url(${url('card')}) }</style>
<script type="application/ld+json">{"image": ["${url('hero').replaceAll('/', '\\/')}"], "${url('card')}": 1}</script>
<p style="background: url('${url('thumb', otherId)}')">${url('thumb')}</p><img src=${url('thumb')}>`),
  urls: [url('hero'), url('card'), url('hero'), url('thumb', otherId), url('thumb')],
};

const pages = [own, ...(await readCorpus())];
const signer = signerWith({ variants: ['thumb', 'card', 'hero', 'public'] });

test.each(pages)('$name: what is to be signed is, and all else is as it was', ({ html, urls }) => {
  const out = Buffer.from(signer.rewriteHtml(html));
  const signed = readPage(out.toString('utf8')).filter((value) => 'expiresAt' in signer.verifyImage(value));
  expect(signed.map((value) => signer.unsignImage(value))).toEqual(urls);
  expect(Buffer.from(withoutTokens(out.toString('latin1')), 'latin1').equals(html)).toBe(true);
});

/** Where what all of the URLs have stands, however they are spelled. */
function placesOfUrls(html: Buffer): number[] {
  return Array.from(html.toString('latin1').matchAll(/imagedelivery/g), ({ index }) => index);
}

test.each(pages)('$name: the same in chunks of 1, 7, 1,000 and 16,384 bytes', ({ html }) => {
  const whole = signer.rewriteHtml(html);
  const ways = [7, 1_000, 16_384].map((size) => inChunksOf(size, html));
  const inBytes = html.length < 10_000 ? inChunksOf(1, html) : inBytesAround(placesOfUrls(html), html);
  for (const chunks of [...ways, inBytes]) {
    const out = rewriteInChunks(signer.htmlRewriter(), chunks);
    expect(out.equals(whole), `in ${chunks.length} chunks`).toBe(true);
  }
});

test.each(pages)('$name: rewritten again at the same instant, it stays as it is', ({ html }) => {
  const once = signer.rewriteHtml(html);
  expect(Buffer.from(signer.rewriteHtml(once)).equals(once)).toBe(true);
});

test.each(pages)('$name: with nothing to sign, the very bytes come back', ({ html }) => {
  const strangers = signerWith({ delivery: 'https://images.example', variants: ['thumb'] });
  expect(Buffer.from(strangers.rewriteHtml(html)).equals(html)).toBe(true);
  expect(strangers.htmlRewriter().write(html)).toHaveLength(html.length);
});
