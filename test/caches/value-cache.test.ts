/** What is remembered of values is never seen: what `properties/history/history.test.ts` does not play. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import fc from 'fast-check';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { randoms } from '../support/generators/random.ts';
import { clockAt, countTokens, instant, signerWith, url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';

const page =
  `<img src="${url()}"><img src='${url()}'><img src=${url()}><img src=" ${url()} ">` +
  `<img srcset="${url()} 1x, ${url('card')} 2x"><a href='https&#58;//imagedelivery.net/a/b/thumb'>`;

const expiries = (html: string): string[] => [...new Set(html.match(/exp=\d+/g))];

test('a page that is seen again is the same, whatever its quotes', () => {
  const signer = signerWith();
  const first = signer.rewriteHtml(page);
  expect(countTokens(first)).toBe(7);
  expect(signer.rewriteHtml(page)).toBe(first);
  expect(signerWith().rewriteHtml(page)).toBe(first);
});

test('what decides the end of a script stays the second time as well', () => {
  const signer = signerWith();
  const inScript = `<script type="text/template"><img src=${url()}#--></script>`;
  const before = [inScript, `<img src=${url()}#-->`].map((html) => signerWith().rewriteHtml(html));
  const after = [`<img src=${url()}#-->`, inScript].map((html) => signer.rewriteHtml(html));
  expect(after).toEqual(before.toReversed());
});

test('a step of one variant that ends is the end for values of all', () => {
  const now = clockAt();
  const options = { now, variants: { thumb: { ttl: '1h' }, card: {} } } as const;
  const signer = signerWith(options);
  signer.rewriteHtml(page);
  now.advance(3_600);
  expect(signer.rewriteHtml(page)).toBe(signerWith(options).rewriteHtml(page));
});

test('a ttl of its own gives a page its own tokens', () => {
  const signer = signerWith();
  const usual = signer.rewriteHtml(page);
  const short = signer.rewriteHtml(page, { ttl: '1h' });
  expect(expiries(short)).not.toEqual(expiries(usual));
  expect(signer.rewriteHtml(page)).toBe(usual);
});

describe('a page in another encoding', () => {
  const pageIn = (charset: string, text: string): string => `<meta charset=${charset}>${text}`;

  test.each([
    ['a URL', `<img src="${url()}?v=&eacute;">`],
    ['candidates', `<img srcset="${url()}?v=1 1x, ${url('card')}?v=&#233; 2x">`],
  ])('keeps what its browser writes in that encoding, whatever came before: %s', (_title, text) => {
    const signer = signerWith();
    expect(countTokens(signer.rewriteHtml(pageIn('utf-8', text)))).toBeGreaterThan(0);
    const legacy = Buffer.from(pageIn('windows-1252', text));
    const after = Buffer.from(signer.rewriteHtml(legacy)).toString();
    expect(after).toContain(text.includes('&eacute;') ? '?v=&eacute;"' : '?v=&#233; 2x');
    expect(after).toBe(Buffer.from(signerWith().rewriteHtml(legacy)).toString());
  });

  test('property: it comes out as from a signer that begins with it', () => {
    const pieces = '? ? &amp; = a # é &eacute; &#233; &#x8868; &eacute %e9'.split(' ');
    fc.assert(
      fc.property(randoms, (random) => {
        const oneOf = (items: readonly string[]): string => items[Math.floor(random() * items.length)]!;
        const written = (): string => url() + Array.from({ length: 5 }, () => oneOf(pieces)).join('');
        const tag = (): string =>
          random() < 0.5 ? `<img src="${written()}">` : `<img srcset="${written()} 1x, ${written()} 2x">`;
        const warm = signerWith();
        const text = Array.from({ length: 8 }, tag).join('');
        for (const charset of ['utf-8', 'windows-1252', 'gbk', 'utf-8']) {
          const bytes = Buffer.from(pageIn(charset, text));
          const [out, expected] = [warm, signerWith()].map((signer) =>
            Buffer.from(signer.rewriteHtml(bytes)).toString(),
          );
          expect(out).toBe(expected);
        }
      }),
      { numRuns: runs(0.1) },
    );
  });
});

test('in a script, a URL with markup in it stays, though it was signed outside of one before', () => {
  const image = `<img src="${url()}#<b>">`;
  const script = `<script type="text/x-template">${image}</script>`;
  const signer = signerWith();
  expect(countTokens(signer.rewriteHtml(image))).toBe(1);
  expect(signer.rewriteHtml(script)).toBe(script);
  expect(signerWith().rewriteHtml(script)).toBe(script);
});

test('a value that is longer than those that are remembered is signed each time', () => {
  const signer = signerWith();
  const long = Array.from({ length: 40 }, (_, index) => `${url()} ${index + 1}w`).join(', ');
  for (let round = 0; round < 2; round++)
    expect(countTokens(signer.rewriteHtml(`<img srcset="${long}">`))).toBe(40);
});

test('an always public URL stays as written, though the app has had it written by `signImage`', () => {
  const signer = signerWith();
  const written = `<img src="${url('preview', 'é x')}"><img srcset='${url('preview', 'é-x')} 1x'>`;
  expect(signer.rewriteHtml(written)).toBe(written);
  signer.signImage(url('preview', 'é x'));
  signer.signImage(url('preview', 'é-x'));
  expect(signer.rewriteHtml(written)).toBe(written);
});

test('a URL that was signed anew for one response stays in the next, which has given it out itself', async () => {
  const signer = signerWith();
  const expiresAt = instant / 1000 + 600;
  const stored = signerWith().signImage(url(), undefined, { expiresAt });
  const middleware = imageSigner({ signer });
  const app = (request: IncomingMessage & Partial<Express.Request>, response: ServerResponse): void =>
    middleware(request, response, () => {
      if (request.url === '/given-out') request.signImage?.(url(), undefined, { expiresAt });
      response.setHeader('Content-Type', 'text/html');
      response.end(`<img src='${stored.replace('&', '&amp;')}'>`);
    });
  for (const [path, stays] of [
    ['/', false],
    ['/given-out', true],
    ['/', true], // the signer remembers what it has given out
  ] as const) {
    const { text } = await supertest(app).get(path);
    expect(text.includes(`exp=${expiresAt}&`), path).toBe(stays);
  }
});
