/** How much work an original may cause: large ones are made one after the other, and broken ones are not tried each time. */
import sharp, { type Sharp } from 'sharp';
import { afterAll, expect, test } from 'vitest';
import type { SharpLibrary } from '../../src/delivery/make-picture.ts';
import { closeSites, deliverySite, newFolder, photo, signed, writeFiles } from '../support/delivery-site.ts';

afterAll(closeSites);

/**
 * Counts the pictures that it makes, and how many of them at once.
 * @param together - none is done before so many have begun
 */
function countingSharp(together = 1): {
  readonly library: SharpLibrary;
  readonly counts: { begun: number; most: number };
} {
  const counts = { begun: 0, most: 0 };
  let active = 0;
  let release = (): void => {};
  const haveBegun = new Promise<void>((resolve) => {
    release = resolve;
  });
  const library = new Proxy(sharp, {
    apply(target, _, args: Parameters<typeof sharp>) {
      const image = target(...args);
      const toBuffer = image.toBuffer.bind(image) as () => Promise<Buffer>;
      const counted = async (): Promise<Buffer> => {
        counts.begun++;
        counts.most = Math.max(counts.most, ++active);
        if (counts.begun === together) release();
        await haveBegun;
        try {
          return await toBuffer();
        } finally {
          active--;
        }
      };
      return Object.assign(image, { toBuffer: counted as Sharp['toBuffer'] });
    },
  });
  return { library, counts };
}

async function flat(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

test.each([
  ['of more than 25 megapixels are made one after the other', 5_200, 1],
  ['that are smaller are made at once', 500, 3],
])('pictures %s', async (_, side, most) => {
  const folder = newFolder();
  const original = await flat(side, side);
  writeFiles(folder, { 'a.png': original, 'b.png': original, 'c.png': original });
  const { library, counts } = countingSharp(most);
  const site = await deliverySite(folder, {}, { loadSharp: async () => library });
  const answers = await Promise.all(['a', 'b', 'c'].map((id) => site.ask(signed(id))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(counts).toEqual({ begun: 3, most });
});

test('a picture that cannot be made is not tried again for a minute, and then once more', async () => {
  const folder = newFolder();
  writeFiles(folder, { 'broken.jpg': (await photo(400, 400)).subarray(0, 2_000) });
  const { library, counts } = countingSharp();
  let now = 0;
  const site = await deliverySite(folder, {}, { loadSharp: async () => library, now: () => now });
  const ask = async (): Promise<number | undefined> => (await site.ask(signed('broken'))).status;
  expect(await ask()).toBe(415);
  now = 59_999;
  expect(await ask()).toBe(415);
  expect(counts.begun).toBe(1);
  now = 60_000;
  expect(await ask()).toBe(415);
  expect(counts.begun).toBe(2);
});
