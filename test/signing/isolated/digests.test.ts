/** Hashes and HMACs by plain hashes are those of Node.js, and leave no key where a heap snapshot shows it. */

import { execFileSync } from 'node:child_process';
import { createHash, createHmac, createSecretKey } from 'node:crypto';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';

import { runs } from '../../support/seed.ts';

afterEach(() => {
  vi.doUnmock('node:crypto');
  vi.resetModules();
});

const letters = fc.constantFrom(...'aé☃😀\n ', '\ud800', '\udfff');
const anyText = (maxLength: number): fc.Arbitrary<string> => fc.string({ unit: letters, maxLength });

/** Our module, in a runtime that has `crypto.hash` or not, and what it has called. */
async function digestsIn(way: string) {
  const original = await import('node:crypto');
  const [hash, slow] = [vi.fn(original.hash), vi.fn(original.createHmac)];
  vi.doMock('node:crypto', () => ({
    ...original,
    createHmac: slow,
    hash: way === 'with' ? hash : undefined,
  }));
  return { ...(await import('../../../src/signing/digests.ts')), hash, slow };
}

test.each(['with', 'without'])('random texts and bytes, %s crypto.hash', async (way) => {
  const { hashHex, Secret, hash } = await digestsIn(way);
  const digests = ['md5', 'sha1', 'sha256', 'sha512'] as const;
  const calls = runs(0.5);
  fc.assert(
    fc.property(anyText(20), anyText(200), (key, text) => {
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
    }),
    { numRuns: calls },
  );
  expect(hash).toHaveBeenCalledTimes(way === 'with' ? 4 * digests.length * calls : 0);
});

test.each(['with', 'without'])('random keys, salts and texts, %s crypto.hash', async (way) => {
  const { HmacKey, slow } = await digestsIn(way);
  const calls = runs(1);
  const three = fc.array(anyText(250), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(anyText(90), three, anyText(100), (name, texts, given) => {
      const key = createSecretKey(`k${name}`, 'utf8');
      const salt = Buffer.from(given);
      for (const digest of ['sha1', 'sha256'] as const) {
        const hmac = new HmacKey(key, digest);
        for (const text of texts) {
          expect(hmac.mac(text, 'hex')).toBe(createHmac(digest, key).update(text).digest('hex'));
          expect(hmac.mac(text, 'base64', salt)).toBe(
            createHmac(digest, key).update(salt).update(text).digest('base64'),
          );
        }
      }
    }),
    { numRuns: calls },
  );
  expect(slow).toHaveBeenCalledTimes(way === 'with' ? 0 : 12 * calls);
});

test.each([511, 512, 513, 5_000])(
  'a text of %i characters of three bytes, and as long a salt',
  async (length) => {
    const { HmacKey } = await import('../../../src/signing/digests.ts');
    const key = createSecretKey('key', 'utf8');
    const text = '☃'.repeat(length);
    const salt = Buffer.alloc(length, 1);
    expect(new HmacKey(key, 'sha256').mac(text, 'base64url', salt)).toBe(
      createHmac('sha256', key).update(salt).update(text).digest('base64url'),
    );
  },
);

test.each([63, 64, 65, 200])('a key of %i bytes, which is still the same after a MAC', async (length) => {
  const { HmacKey } = await import('../../../src/signing/digests.ts');
  const key = createSecretKey(Buffer.alloc(length, 'key'));
  const hmac = new HmacKey(key, 'sha1');
  expect(hmac.mac('text', 'hex')).toBe(createHmac('sha1', key).update('text').digest('hex'));
  expect(hmac.export()).toEqual(Buffer.alloc(length, 'key'));
});

/** Letters that stay letters or signs in JSON when they are padded. */
const snapshot = `
const crypto = await import('node:crypto');
const { getHeapSnapshot } = await import('node:v8');
const bytes = Buffer.alloc(40);
for (const [at, byte] of crypto.randomBytes(40).entries()) bytes[at] = 0x61 + byte % 8;
globalThis.hmac = new HmacKey(crypto.createSecretKey(bytes), 'sha256');
globalThis.mac = globalThis.hmac.mac('/a/b/c?exp=1', 'hex');
globalThis.control = bytes.toString('latin1', 20);
const chunks = [];
for await (const chunk of getHeapSnapshot()) chunks.push(chunk);
const heap = Buffer.concat(chunks);
const has = (by) => heap.includes(bytes.subarray(0, 20).map((byte) => byte ^ by));
console.log(JSON.stringify([heap.includes(bytes.subarray(20)), has(0), has(0x36), has(0x5c)]));
`;

test('a heap snapshot shows neither the key nor its padded blocks, as it would show a string', () => {
  const [code] = buildSync({
    entryPoints: ['src/signing/digests.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  }).outputFiles;
  const out = execFileSync(process.execPath, ['--input-type=module'], { input: code!.text + snapshot });
  expect(JSON.parse(String(out))).toEqual([true, false, false, false]);
});
