/** The same text may be an image id in a call and a relative URL in a page: neither says anything about the other. */
import { describe, expect, test } from 'vitest';
import { createSigner, type Signer } from '../../src/index.ts';
import { bunny } from '../../src/schemes.ts';
import { accountHash, instant, key, signerWith, url } from '../support/samples.ts';

const id = 'docs/files/a.jpg';
const link = `<a href="${id}">a file</a>`;

function signer(): Signer {
  // A page is read where it holds the word of a base, which is `docs` here.
  const scheme = bunny({ url: ['https://cdn.example/docs', '/docs'], key, prefixes: 'docs/' });
  return createSigner({ scheme, ttl: '1h', now: () => instant, report: false });
}

describe('an image id', () => {
  test('that was signed leaves a relative URL of the same text alone', () => {
    const used = signer();
    expect(used.signImage(id)).toMatch(/^https:\/\/cdn\.example\/docs\/docs\/files\/a\.jpg\?token=/);
    expect(used.rewriteHtml(link)).toBe(link);
    expect(used.signImage(id)).toBe(signer().signImage(id));
  });

  test('is signed after a page that holds it as a relative URL', () => {
    const used = signer();
    expect(used.rewriteHtml(link)).toBe(link);
    expect(used.signImage(id)).toBe(signer().signImage(id));
  });

  test.each(['', '\n', `${id}\n`])('is no image in the variant %j once it was signed', (variant) => {
    const used = signer();
    used.signImage(id);
    for (const each of [used, signer()])
      expect(() => each.signImage(id, variant)).toThrow(/expected no variant/);
  });

  test('is no image with a line feed in it, whatever was signed in a variant', () => {
    const cloudflare = signerWith({ accountHash });
    cloudflare.signImage('photo-1', 'thumb');
    for (const image of ['thumb\nphoto-1', '\nthumb\nphoto-1'])
      expect(() => cloudflare.signImage(image)).toThrow(/expected a variant/);
  });
});

test('an always public variant that comes with a token in a value stays public in later pages', () => {
  const { rewriteHtml } = signerWith();
  const stored = `${url('preview')}?exp=1&amp;sig=${'0'.repeat(64)}`;
  expect(rewriteHtml(`<p data-picture="${stored}"></p>`)).toBe(`<p data-picture="${url('preview')}"></p>`);
  expect(rewriteHtml(`<img src="${url('preview')}">`)).toBe(`<img src="${url('preview')}">`);
});
