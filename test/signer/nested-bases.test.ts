/** Of several bases that fit a URL, the one with the longest path holds, in whatever order the option names them. */
import { describe, expect, test } from 'vitest';
import { createSigner, type SignerOptions } from '../../src/index.ts';
import { bunny, nginxSecureLink, type Scheme, type SchemeImage } from '../../src/schemes.ts';
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

const photos = 'https://photos.example';
const key = 'a-key-that-nobody-else-has';
const secureLink = (link: string | readonly string[]): Scheme =>
  nginxSecureLink({ url: link, key, expression: '$secure_link_expires$uri $key', token: ['md5', 'expires'] });

test.each<[title: string, schemes: Scheme | readonly Scheme[]]>([
  ['of one scheme', secureLink([photos, `${photos}/members`])],
  ['of two schemes', [secureLink(`${photos}/members`), secureLink(photos)]],
  [
    'of schemes that keep the spelling',
    [bunny({ url: `${photos}/members`, key }), bunny({ url: photos, key })],
  ],
])('an escaped letter does not hide the inner base from authorize: %s', (_title, scheme) => {
  const asked: string[] = [];
  const authorize = (image: SchemeImage): boolean => {
    asked.push(`${image.base} ${image.id}`);
    return image.base === photos;
  };
  const signer = createSigner({ scheme, ttl: '1h', report: false, authorize } as unknown as SignerOptions);
  for (const path of [
    '/members/ada/a.jpg',
    '/%6Dembers/ada/a.jpg',
    '/m%65mbers/ada/a.jpg',
    '/member%73/a.jpg',
  ])
    expect(signer.rewriteHtml(`<img src="${photos}${path}">`)).toBe(`<img src="${photos}${path}">`);
  expect(asked).toEqual([`${photos}/members ada/a.jpg`]);
  const plain = `${photos}/members%20only/a.jpg`;
  expect(signer.rewriteHtml(`<img src="${plain}">`)).not.toContain(`"${plain}"`);
});
