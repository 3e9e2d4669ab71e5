/** The event `stored-token`: it tells of an app that stores tokens, and of nothing that a page may rightly hold. */

import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { createSigner, type ImageSignerEvent, type Signer } from '../../src/index.ts';
import { markdown } from '../../src/markdown.ts';
import { cloudflareWaf, s3 } from '../../src/schemes.ts';
import { base, clockAt, instant, key, type Options, signerWith, url } from '../support/samples.ts';

const step = 6 * 3_600;
/** In the middle of a step, so that the next ones begin whole steps later. */
const at = (steps: number): number => instant + steps * step * 1_000;

/** What a site tells of a page, `steps` after the URLs in it were signed. */
function toldOf(page: (signed: string) => string, steps: number, more: Options = {}): ImageSignerEvent[] {
  const signed = signerWith().signImage(url());
  return toldOfPage(page(signed), steps, more);
}

function toldOfPage(page: string, steps: number, more: Options = {}): ImageSignerEvent[] {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  signerWith({ now: () => at(steps), report, ...more }).rewriteHtml(page);
  return events.filter(({ type }) => type === 'stored-token');
}

const image = (signed: string): string => `<img src="${signed.replaceAll('&', '&amp;')}">`;
const stored = { type: 'stored-token', url: url(), place: '<img src>' };

describe('a token', () => {
  test.each([2, 3, 5, 400])('from %d steps ago is told, without itself', (steps) => {
    expect(toldOf(image, steps)).toEqual([stored]);
  });

  test.each([0, 1])('from %d steps ago is not: a page of the site may have it', (steps) => {
    expect(toldOf(image, steps)).toEqual([]);
  });

  test('of an earlier key that still verifies is told, one of a key that is gone is not', () => {
    expect(toldOf(image, 3, { key: ['a-newer-key-that-nobody-else-has', key] })).toEqual([stored]);
    expect(toldOf(image, 3, { key: 'a-newer-key-that-nobody-else-has' })).toEqual([]);
  });

  test('that a call in another process has made for a few minutes is not told while it is valid', () => {
    const signed = signerWith({ now: () => at(3) }).signImage(url(), undefined, { ttl: '5m' });
    expect(toldOfPage(image(signed), 3)).toEqual([]);
    expect(toldOfPage(image(signed), 4)).toEqual([stored]);
  });

  test('without steps is told once it has expired', () => {
    const signed = signerWith({ stableFor: 0 }).signImage(url());
    expect(toldOfPage(image(signed), 3, { stableFor: 0 })).toEqual([]);
    expect(toldOfPage(image(signed), 5, { stableFor: 0 })).toEqual([stored]);
  });

  test('that somebody has made up is not told', () => {
    expect(toldOf((signed) => image(`${signed.slice(0, -8)}00000000`), 3)).toEqual([]);
    expect(toldOfPage(image(`${url()}?exp=1700000000&sig=1`), 3)).toEqual([]);
  });

  test('of an image that this viewer may not see is not told', () => {
    expect(toldOf(image, 3, { authorize: () => false })).toEqual([]);
  });

  test('in a text of a page is not told: nothing reads it', () => {
    expect(toldOf((signed) => `<p>${signed}</p><textarea>${signed}</textarea>`, 3)).toEqual([]);
  });
});

test('schemes tell alike, if they verify', () => {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key };
  const bucket = 'https://photos.s3.eu-central-1.amazonaws.com';
  for (const [scheme, base, count] of [
    [s3({ url: bucket, region: 'eu-central-1', credentials, prefixes: 'photos/' }), bucket, 1],
    [cloudflareWaf({ url: 'https://waf.example', key, prefixes: 'photos/' }), 'https://waf.example', 0],
  ] as const) {
    const told: ImageSignerEvent[] = [];
    const signerAt = (steps: number): Signer =>
      createSigner({ scheme, ttl: '1d', now: () => at(steps), report: (event) => void told.push(event) });
    signerAt(9).rewriteHtml(image(signerAt(0).signImage(`${base}/photos/cat.jpg`)));
    expect(told.filter(({ type }) => type === 'stored-token')).toHaveLength(count);
  }
});

test('it comes once a minute at most, however many pages and tokens there are, and a clock may be set back', () => {
  const clock = clockAt(at(3));
  const events: ImageSignerEvent[] = [];
  const signer = signerWith({ now: clock, report: (event) => void events.push(event) });
  const page = image(signerWith().signImage(url())).repeat(3) + image(signerWith().signImage(url('card')));
  const countAfter = (seconds: number): number => {
    clock.advance(seconds);
    signer.rewriteHtml(page);
    return events.filter(({ type }) => type === 'stored-token').length;
  };
  expect([0, 0, 59, 1, 0, -3_600].map(countAfter)).toEqual([1, 1, 1, 2, 2, 3]);
});

describe('the place', () => {
  const signed = signerWith().signImage(url());
  const html = signed.replaceAll('&', '&amp;');

  test.each([
    [`<img src="${html}">`, '<img src>'],
    [`<IMG SRCSET="/a 1x, ${html} 2x">`, '<img srcset>'],
    [`<p data-hero='${html}'>`, '<p data-hero>'],
    [`<p data-q2Xz9Lk8Wv7Rt5Yp3Mn1='${html}'>`, '<p …>'],
    [`<p style="a:url(${html})">`, '<p style>'],
    [`<style>a{b:url(${signed})}</style>`, '<style>'],
    [`<p data-a="b"></p><style>a{b:url(${signed})}</style><img src=/a>`, '<style>'],
    [`<svg><style>a{b:url(${html})}</style></svg>`, '<style>'],
    [`<script type="application/json">{"a":"${signed}"}</script>`, 'JSON'],
    [`<p data-x='{"a":"${html}"}'>`, 'JSON'],
    [`<iframe srcdoc="<img src='${html.replaceAll('&', '&amp;')}'>"></iframe>`, '<img src>'],
    [`<script type="text/x-template"><a href="${html}"></script>`, '<a href>'],
  ])('%#', (page, place) => {
    expect(toldOfPage(page, 3)).toEqual([{ ...stored, place }]);
  });

  const json = { 'content-type': 'application/json' };
  test.each<[string, ResponseInit, string, string]>([
    ['JSON', { headers: json }, JSON.stringify({ a: [signed] }), 'JSON'],
    ['Markdown in JSON', { headers: json }, JSON.stringify({ body: `![a](${signed})` }), 'Markdown'],
    ['Link', { headers: { 'content-type': 'text/html', link: `<${signed}>; rel=preload` } }, '<p>', 'Link'],
    ['Location', { status: 302, headers: { location: signed } }, '', 'Location'],
  ])('%s, and the page', async (_title, init, body, place) => {
    const events: ImageSignerEvent[] = [];
    const sign = imageSigner({
      ...base,
      now: () => at(3),
      rewrite: { json: true, location: true },
      fields: { body: markdown },
      report: (event: ImageSignerEvent) => void events.push(event),
    } as never);
    const request = new Request('https://shop.example/posts/7%0a?token=secret');
    const response = await sign(request, () => new Response(body, init));
    await response.text();
    expect(events.filter(({ type }) => type === 'stored-token')).toEqual([
      { ...stored, place, page: 'GET /posts/7%0a' },
    ]);
  });
});
