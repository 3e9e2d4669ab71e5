/** Plain hashes: in one call where the runtime has it, and in two where not. */
import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { randomFrom } from '../support/random.ts';
import { randomText } from '../support/random-urls.ts';
import { atLength, seed } from '../support/seed.ts';

afterEach(() => {
  vi.doUnmock('node:crypto');
  vi.resetModules();
});

const digests = ['md5', 'sha1', 'sha256', 'sha512'] as const;

test.each(['with', 'without'])('random texts and bytes, %s crypto.hash', async (way) => {
  const original = await import('node:crypto');
  const atOnce = vi.fn(original.hash);
  vi.doMock('node:crypto', () => ({ ...original, hash: way === 'with' ? atOnce : undefined }));
  const { hashHex, Secret } = await import('../../src/signing/digests.ts');
  const random = randomFrom(seed);
  const calls = atLength(500);
  for (let left = calls; left > 0; left--) {
    const [key, text] = [randomText(random, 'aé☃😀\ud800 ', 20), randomText(random, 'aé☃😀\udfff\n', 200)];
    for (const digest of digests) {
      const expected = createHash(digest).update(text).digest('hex');
      expect(hashHex(digest, text)).toBe(expected);
      expect(hashHex(digest, Buffer.from(text))).toBe(expected);
      expect(new Secret(key).hashWith(digest, text)).toBe(
        createHash(digest).update(Buffer.from(key)).update(text).digest('hex'),
      );
      expect(new Secret(key).hashAround(digest, 'é', text, 'base64url')).toBe(
        createHash(digest).update('é').update(Buffer.from(key)).update(text).digest('base64url'),
      );
    }
  }
  expect(atOnce).toHaveBeenCalledTimes(way === 'with' ? 4 * digests.length * calls : 0);
});
