/** Of several bases that fit a URL, the one with the longest path holds, in whatever order the option names them. */
import { describe, expect, test } from 'vitest';
import { accountHash, id, signerWith } from '../support/samples.ts';

const path = `/${accountHash}/${id}/thumb`;

const nested: readonly (readonly [outer: string, inner: string])[] = [
  ['https://x.example', 'https://x.example/cdn'],
  ['https://x.example/cdn', 'https://x.example/cdn/images'],
  ['http://localhost:8787', 'http://localhost:8787/cdn-cgi/imagedelivery'],
  ['/', '/images'],
  ['/images', '/images/private'],
];

describe.each(nested)('%s and %s', (outer, inner) => {
  const alone = signerWith({ delivery: inner });

  test.each([
    ['the outer one first', [outer, inner]],
    ['the inner one first', [inner, outer]],
  ])('%s', (_title, delivery) => {
    const signer = signerWith({ delivery });
    const url = `${inner}${path}`;
    const signed = alone.signImage(url);
    expect(signer.signImage(url)).toBe(signed);
    expect(signer.rewriteHtml(`<img src="${url}">`)).toBe(`<img src="${signed.replace('&', '&amp;')}">`);
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, path, image: { accountHash, id } });
    // A host in capitals is found in another way.
    const shouted = url.replace(/^https?:\/\/[^/]+/, (origin) => origin.toUpperCase());
    expect(signer.signImage(shouted)).toBe(alone.signImage(shouted));
    // Under the outer base everything else stays what it was.
    const plain = `${outer === '/' ? '' : outer}${path}`;
    expect(signer.signImage(plain)).toBe(signerWith({ delivery: outer }).signImage(plain));
  });
});

test('the first base of the option serves ids, however long its path is', () => {
  const delivery = ['https://x.example', 'https://x.example/cdn'];
  for (const bases of [delivery, delivery.toReversed()])
    expect(signerWith({ accountHash, delivery: bases }).signImage(id, 'thumb')).toMatch(
      `${bases[0]}/${accountHash}/`,
    );
});

test('the base in a page is matched by its own account, not by that of a base around it', () => {
  const signer = signerWith({
    delivery: [
      { base: 'https://x.example', accountHash: 'outer' },
      { base: 'https://x.example/cdn', accountHash: 'inner' },
    ],
  });
  const signed = signer.signImage('https://x.example/cdn/a/thumb');
  expect(signer.verifyImage(signed)).toMatchObject({ path: '/inner/a/thumb' });
});

test('an always public image under a base with a path keeps its URL, and loses an old token', () => {
  const signer = signerWith({ delivery: 'https://x.example/cdn' });
  const url = `https://x.example/cdn/${accountHash}/${id}/preview`;
  for (const query of ['', '?v=1', '#top']) expect(signer.signImage(`${url}${query}`)).toBe(`${url}${query}`);
  expect(signer.signImage(`${url}?v=1&exp=1&sig=2#top`)).toBe(`${url}?v=1#top`);
});
