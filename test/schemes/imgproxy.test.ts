/** imgproxy: against its own library, which source a URL names, and what of it is token. */
import { generateImageUrl } from '@imgproxy/imgproxy-node';
import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/schemes/definition.ts';
import { imgproxy } from '../../src/schemes.ts';
import { Secret } from '../../src/signing/digests.ts';
import { randomFrom } from '../support/random.ts';
import { everything, pick, randomPath, randomText } from '../support/random-urls.ts';
import { callsOf } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const [key, salt] = ['736563726574', '68656C6C6F'];
const base = 'https://img.example';
const calls = callsOf(imgproxy({ url: base, key, salt }));
const source = 'https://photos.example/uploads/a.jpg';
const encoded = Buffer.from(source).toString('base64url');
const url = `${base}/insecure/rs:fill:300:400/g:sm/${encoded}`;

test('the signature in the documentation of imgproxy is right', () => {
  const path = '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png';
  const mac = new Secret(Buffer.from(key, 'hex')).macBytes('sha256', Buffer.from(`hello${path}`));
  expect(mac.toString('base64url')).toBe('oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8');
  expect(calls.match(`${base}/insecure${path}`)).toEqual({
    id: 'http://example.com/images/curiosity.jpg',
    options: 'rs:fill:300:400:0/g:sm',
  });
});

test('random URLs are signed as @imgproxy/imgproxy-node signs them', () => {
  const random = randomFrom(seed);
  const hex = '0123456789abcdef';
  for (let left = atLength(10_000); left > 0; left--) {
    const [keyHex, saltHex] = [0, 1].map(() => randomText(random, hex, 64) + '0').map((t) => t.slice(t.length % 2));
    const secret = { key: keyHex!, salt: saltHex! };
    const scheme = callsOf(imgproxy({ url: base, ...secret }));
    const id = `https://photos.example/${randomPath(random, everything)}`;
    const displayAs = pick(random, ['base64', 'plain'] as const);
    const exp = Math.floor(random() * 2 ** 32) + 1;
    const shape = { endpoint: base, url: { value: id, displayAs } };
    const width = Math.floor(random() * 2_000);
    const bare = generateImageUrl({ ...shape, options: { width, quality: 80 } });
    const wanted = generateImageUrl({ ...shape, ...secret, options: { width, quality: 80, expires: exp } });
    // The library has an order of its own for options: the one that writes the expiry first is taken.
    const [, options] = /\/insecure\/(.*)$/.exec(bare)!;
    const given = `${base}/insecure/${options}`;
    const signed = scheme.sign(given, exp);
    const direct = generateImageUrl({
      endpoint: base,
      url: { value: id, displayAs },
      ...secret,
      options: { expires: exp, width, quality: 80 },
    });
    expect([wanted, direct], given).toContain(signed);
  }
});
