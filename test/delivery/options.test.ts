/** The options of `imageDelivery`, and what is wrong with others. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDelivery } from '../../src/delivery/options.ts';
import { imageDelivery } from '../../src/delivery.ts';
import { cloudflareImages, defineScheme } from '../../src/schemes.ts';
import { base, key, signerWith } from '../support/samples.ts';
import { newFolder, removeFolders, writeFiles } from '../support/servers/delivery-site.ts';

let directory: string;
const signer = signerWith();

beforeAll(() => {
  directory = newFolder();
  writeFiles(directory, { 'a.jpg': 'x' });
});
afterAll(removeFolders);

/** What a call throws; undefined if it throws nothing. */
function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const oneWay = defineScheme({
  name: 'one-way',
  url: '/x',
  match: (id) => ({ id }),
  strip: (url) => url,
  sign: (url) => url,
  fingerprint: 'one-way',
});
const own = { key: undefined, ttl: '1d' };

/** What stands beside a signer and a folder, or in the place of them. */
test.each<[more: () => object, option: string, message: RegExp]>([
  [() => ({ directory: undefined }), 'directory', /expected the path of a folder, got undefined/],
  [() => ({ directory: join(directory, 'a.jpg') }), 'directory', /expected a folder that can be read/],
  [() => ({ directory: join(directory, 'none') }), 'directory', /folder that can be read/],
  [() => ({ signer: undefined, ...own, variants: ['a'] }), 'key', /signing key/],
  [() => ({ folder: 'x' }), 'folder', /is not an option of imageDelivery/],
  [() => ({ limits: { pixels: 1 } }), 'limits.pixels', /is not a limit/],
  [() => ({ limits: { megapixels: 0 } }), 'limits.megapixels', /above 0/],
  [() => ({ limits: { memory: 'much' } }), 'limits.memory', /512MB/],
  [
    () => ({ limits: { cache: true } }),
    'limits.cache',
    /or 0, got true.* The default is '64MB', and 0 keeps nothing\./,
  ],
  [() => ({ isPublic: true }), 'isPublic', /a function/],
  [() => ({ variants: { large: {} } }), 'variants', /variants of the signer/],
  [() => ({ variants: { thumb: { fit: 'squeeze' } } }), 'variants.thumb.fit', /'scale-down', 'contain'/],
  [() => ({ variants: { thumb: { blur: 0 } } }), 'variants.thumb.blur', /from 1 to 250/],
  [
    () => ({ variants: { thumb: { metadata: 'some' } } }),
    'variants.thumb.metadata',
    /'keep', 'copyright' or 'none'/,
  ],
  [() => ({ ttl: '1d' }), 'ttl', /beside `signer`/],
  [() => ({ signer: undefined, ttl: '1d', scheme: oneWay }), 'scheme', /verifies tokens/],
])('%s is told', (more, option, message) => {
  const all = Object.entries({ signer, directory, ...more() }).filter(([, value]) => value !== undefined);
  const error = errorOf(() => imageDelivery(Object.fromEntries(all) as never));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain(key);
});

test('what a variant looks like is said by the options beside a signer, else by its policies', () => {
  const own = signerWith({ variants: { thumb: { width: 320, fit: 'pad' }, card: { width: 640 } } });
  const { pictures } = parseDelivery({ signer: own, directory, variants: { thumb: { width: 10 } } }).own;
  const image = (variant: string) => ({ id: 'a', url: '', base: '', scheme: 'cloudflare-images', variant });
  expect(pictures(image('thumb'))).toMatchObject({ fit: 'scale-down', width: 10 });
  expect(pictures(image('card'))).toMatchObject({ width: 640, metadata: 'none' });
  expect(pictures({ ...image('thumb'), scheme: 's3' })).toMatchObject({ width: 10 });
});

test('of two accounts with a variant of one name each has its own pictures', () => {
  const account = (accountHash: string, width: number) =>
    cloudflareImages({ key, accountHash, variants: { thumb: { width } } });
  const scheme = [account('one', 100), account('two', 200)];
  const { pictures } = parseDelivery({ scheme, ttl: '1d', directory }).own;
  const image = { id: 'a', url: '', base: '', scheme: 'cloudflare-images', variant: 'thumb' };
  const widths = ['one', 'two'].map((accountHash) => pictures({ ...image, accountHash } as never)?.width);
  expect(widths).toEqual([100, 200]);
});

test('what a picture looks like changes no token, no tag and no fingerprint', () => {
  const plain = signerWith({ variants: { thumb: { width: 320 } } });
  const thumb = { width: 320, height: 200, fit: 'cover', blur: 3, metadata: 'keep' } as const;
  const looks = signerWith({ variants: { thumb } });
  const page = `<img src="${plain.unsignImage('https://imagedelivery.net/a/photo-1/thumb')}">`;
  expect(looks.rewriteHtml(page)).toBe(plain.rewriteHtml(page));
  const fingerprintOf = (given: ReturnType<typeof signerWith>) =>
    parseDelivery({ signer: given, directory }).configuration.fingerprint;
  expect(fingerprintOf(looks)).toBe(fingerprintOf(plain));
  expect(fingerprintOf(signerWith({ variants: { thumb: { width: 320, ttl: '1h' } } }))).not.toBe(
    fingerprintOf(plain),
  );
});

test('the path of a folder is shown, and what may be a key is not', () => {
  expect(String(errorOf(() => imageDelivery({ signer, directory: './pictures' })))).toContain(
    "got './pictures'",
  );
  const pasted = 'c2VjcmV0LWtleS1mb3ItaW1hZ2Vz';
  expect(String(errorOf(() => imageDelivery({ signer, directory: pasted })))).not.toContain(pasted);
});

test('the options of a signer may stand here', () => {
  expect(() => imageDelivery({ ...base, directory, limits: { cache: 0 } } as never)).not.toThrow();
});
