/** How much work an original may cause: large ones are made one after the other, and broken ones are not tried each time. */
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, expect, test } from 'vitest';
import type { SharpLibrary } from '../../src/delivery/make-picture.ts';
import { moment } from '../support/moment.ts';
import {
  chunkOfPng as chunk,
  closeSites,
  deliveryOf,
  photo,
  signed,
} from '../support/servers/delivery-site.ts';

afterAll(closeSites);

/**
 * Counts the pictures that it makes, and how many of them at once.
 * @param together - none is done before so many have begun
 */
function countingSharp(together = 1) {
  const counts = { begun: 0, most: 0 };
  let active = 0;
  const haveBegun = moment();
  const library: SharpLibrary = new Proxy(sharp, {
    apply(target, _, args: Parameters<typeof sharp>) {
      const image = target(...args);
      const toBuffer = image.toBuffer.bind(image) as () => Promise<Buffer>;
      const counted = async (): Promise<Buffer> => {
        counts.begun++;
        counts.most = Math.max(counts.most, ++active);
        if (counts.begun === together) haveBegun.come();
        await haveBegun.comes;
        try {
          return await toBuffer();
        } finally {
          active--;
        }
      };
      return Object.assign(image, { toBuffer: counted as Sharp['toBuffer'] });
    },
  });
  return { loadSharp: async () => library, counts };
}

async function flat(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

test.each([
  ['that take more than a sixteenth of the memory are made one after the other', '512MB', 1],
  ['that take less are made at once', '4GB', 3],
])('pictures %s', async (_, memory, most) => {
  const original = await sharp(await flat(4_000, 4_000))
    .png({ progressive: true })
    .toBuffer();
  const files = { 'a.png': original, 'b.png': original, 'c.png': original };
  const { loadSharp, counts } = countingSharp(most);
  const site = await deliveryOf(files, { limits: { memory } }, { loadSharp });
  const answers = await Promise.all(['a', 'b', 'c'].map((id) => site.ask(signed(id))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(counts).toEqual({ begun: 3, most });
});

test('a picture that cannot be made is not tried again for a minute, and then once more', async () => {
  const broken = (await photo(400, 400)).subarray(0, 2_000);
  const { loadSharp, counts } = countingSharp();
  let now = 0;
  const site = await deliveryOf({ 'broken.jpg': broken }, {}, { loadSharp, now: () => now });
  const ask = async (): Promise<number | undefined> => (await site.ask(signed('broken'))).status;
  expect(await ask()).toBe(415);
  now = 59_999;
  expect(await ask()).toBe(415);
  expect(counts.begun).toBe(1);
  now = 60_000;
  expect(await ask()).toBe(415);
  expect(counts.begun).toBe(2);
});

test('what never fits is refused at once, however much waits, and its client gets 413', async () => {
  const original = await sharp({ create: { width: 3_000, height: 3_000, channels: 3, background: 'teal' } })
    .avif({ effort: 0 })
    .toBuffer();
  const { loadSharp, counts } = countingSharp();
  const files = { 'large.avif': original, 'small.jpg': await photo() };
  const site = await deliveryOf(files, { limits: { memory: '100MB' } }, { loadSharp });
  const answers = await Promise.all(
    [...Array.from({ length: 50 }, () => 'large'), 'small'].map((id) => site.ask(signed(id))),
  );
  expect(new Set(answers.slice(0, 50).map(({ status }) => status))).toEqual(new Set([413]));
  expect(answers.at(-1)?.status).toBe(200);
  expect(counts.begun).toBe(1);
});

test('a picture for whose smaller form there is too little memory goes out in the form of its original', async () => {
  const files = { 'photo.jpg': await photo(1_600, 1_200) };
  const site = await deliveryOf(files, { variants: { thumb: {} }, limits: { memory: '90MB' } });
  const types = ['image/avif', 'image/webp', '*/*'].map(async (accept) =>
    (await site.ask(signed('photo'), { headers: { accept } })).header('content-type'),
  );
  expect(await Promise.all(types)).toEqual(['image/jpeg', 'image/webp', 'image/jpeg']);
});

test('an animation of more frames than 10,000 is refused, however small they are', async () => {
  const [gif, frame] = [Buffer.from('GIF89a\x01\0\x01\0\0\0\0', 'latin1'), Buffer.alloc(15)];
  frame.write(',\0\0\0\0\x01\0\x01\0\x80\0\0\0', 0, 'latin1');
  const dot = Buffer.concat([frame.subarray(0, 10), Buffer.from([0, 0, 0, 255, 255, 255, 2, 2, 0x44, 1, 0])]);
  const frames = (count: number) =>
    Buffer.concat([gif, ...Array.from({ length: count }, () => dot), Buffer.from(';')]);
  const site = await deliveryOf({ 'few.gif': frames(2), 'many.gif': frames(10_001) });
  expect((await site.ask(signed('few'))).status).toBe(200);
  expect((await site.ask(signed('many'))).status).toBe(413);
});

test('a PNG whose text is a bomb is refused before its header is read', async () => {
  const text = deflateSync(Buffer.alloc(7_900_000, 'a'));
  const png = await flat(10, 10);
  const texts = Array.from({ length: 12 }, (_, index) => chunk('zTXt', Buffer.from(`k${index}\0\0`), text));
  const bomb = Buffer.concat([png.subarray(0, 33), ...texts, png.subarray(33)]);
  const { loadSharp, counts } = countingSharp();
  const site = await deliveryOf({ 'bomb.png': bomb }, {}, { loadSharp });
  expect((await site.ask(signed('bomb'))).status).toBe(413);
  expect(counts.begun).toBe(0);
});
