/**
 * Law: whatever handler stands behind the guard, and by whatever path it is asked, a private image goes out for its own
 * valid token alone, and nothing at all from outside of the folder or the bucket's prefix. Some thousands of requests here;
 * `NUM_RUNS=5000` makes more.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leakOf, tokens, withToken } from '../../guard/leak.ts';
import { aliasesOf, foreignIds, randomAlias } from '../../guard/path-aliases.ts';
import { pick, randomFrom, randoms } from '../../support/generators/random.ts';
import { accountHash, id, otherAccount, signerWith } from '../../support/samples.ts';
import { runs, seed } from '../../support/seed.ts';
import {
  type ImageStore,
  images,
  openStore,
  privateVariants,
  publicVariant,
} from '../../support/servers/image-store.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';
import { guardedServers } from './handlers.ts';

const signer = signerWith({
  delivery: '/images',
  accountHash,
  variants: { thumb: {}, card: {}, preview: { alwaysPublic: true } },
});
const pathOf = (image: string, variant: string): string =>
  new URL(`http://host/images/${accountHash}/${image}/${variant}`).pathname;
const meant = pathOf('secret', 'thumb');
const other = pathOf(id, 'thumb');
const variants = [...privateVariants, publicVariant, publicVariant];
const random = randomFrom(seed);
let store: ImageStore;
/** How many of the aliases each server is asked for. */
const share = runs(0.15) / 1000;
let requests = 0;

beforeAll(async () => {
  store = await openStore();
});

afterAll(async () => {
  await store.close();
  console.log(`${requests} requests to ${guardedServers.length} servers behind the guard`);
});

describe.each(guardedServers)('$name', ({ name, build }) => {
  test('delivers what has a valid token, and what is always public', async () => {
    const listener = build(store, signer);
    const isWindows = name.startsWith('files of Windows');
    // A parameter of Express 4 is one segment.
    const all = name === "Express 4's parameters" ? images.filter((image) => !image.includes('/')) : images;
    for (const image of all) {
      for (const variant of [...privateVariants, publicVariant]) {
        const path = `${accountHash}/${image}/${variant}`;
        const kind = variant === publicVariant ? 'public' : 'private';
        const { status, text } = await exchangeLater(listener, signer.signImage(`/images/${path}`));
        expect([status, text]).toEqual([200, isWindows ? 'within\n' : `${kind} ${path}\n`]);
      }
    }
  });

  test('by no path without the token of the image', async () => {
    const listener = build(store, signer);
    const aliases = [
      meant,
      ...aliasesOf(meant, publicVariant),
      ...foreignIds(store, [publicVariant]),
      meant.replace(accountHash, otherAccount),
    ];
    for (const alias of aliases) {
      if (random() > share) continue; // another server is asked for it
      const token = pick(random, tokens);
      requests++;
      expect(
        await leakOf(listener, withToken(signer, alias, token, meant, other), signer),
        token,
      ).toBeUndefined();
    }
  });

  test('by no path composed of pieces', async () => {
    const listener = build(store, signer);
    await fc.assert(
      fc.asyncProperty(randoms, async (random) => {
        const alias = randomAlias(random, store, variants);
        const token = pick(random, tokens);
        const method = random() < 0.9 ? 'GET' : 'HEAD';
        requests++;
        const target = withToken(signer, alias, token, meant, other);
        expect(await leakOf(listener, target, signer, method), token).toBeUndefined();
      }),
      { numRuns: runs(0.075) },
    );
  });
});
