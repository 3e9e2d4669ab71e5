/** A list of schemes, of which only Cloudflare Images has variants. */
import { expect, test } from 'vitest';
import { createSigner } from '../../src/index.ts';
import { bunny, cloudflareImages } from '../../src/schemes.ts';
import { key, url } from '../support/samples.ts';
import { errorOf } from '../support/schemes/calls.ts';

const file = 'https://cdn.example/uploads/a.jpg';
const signer = createSigner({
  scheme: [
    cloudflareImages({ key, variants: { thumb: { width: 320 }, card: { width: 640 } } }),
    bunny({ url: 'https://cdn.example', key, prefixes: 'uploads/' }),
  ],
  ttl: '1d',
});

test('a variant is for images that have one', () => {
  expect(signer.signImage(url('thumb'), 'card')).toContain('/card?exp=');
  expect(signer.signImage(file)).toContain('token=');
});

test.each([
  ['signImage', () => signer.signImage(file, 'thumb')],
  ['signSrcset', () => signer.signSrcset(file)],
])('%s throws where the image has none, instead of leaving it out', (call, run) => {
  const error = errorOf(run);
  expect(error).toMatchObject({ code: 'VARIANT_NOT_ALLOWED' });
  expect(String(error)).toContain(`${call} expected no variant, since bunny has none, got 'thumb'`);
});

test('the message of a variant that is not allowed names those of the store that has the URL', () => {
  const two = createSigner({
    scheme: [
      cloudflareImages({ key, variants: ['thumb'] }),
      cloudflareImages({ key, variants: ['large'], delivery: 'https://shop.example/images' }),
    ],
    ttl: '1d',
  });
  const other = url('hero').replace('https://imagedelivery.net', 'https://shop.example/images');
  expect(() => two.signImage(url('hero'))).toThrow("one of the variants thumb in the URL, got 'hero'");
  expect(() => two.signImage(other)).toThrow("one of the variants large in the URL, got 'hero'");
});
