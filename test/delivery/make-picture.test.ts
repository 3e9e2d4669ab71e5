/** Made pictures, looked at: sizes, pixels, metadata; and files that are refused. */
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { copyrightOf, planPicture } from '../../src/delivery/make-picture.ts';
import type { RasterKind } from '../../src/delivery/picture-kind.ts';
import type { PicturePolicy } from '../../src/schemes/definition.ts';
import { animation, chunkOfPng as chunk, photo, pixel, quarters } from '../support/servers/delivery-site.ts';

const limits = { cache: 0, still: 100e6, animation: 50e6, memory: 512 * 2 ** 20 };

async function make(
  original: Buffer,
  policy: Partial<PicturePolicy>,
  from: RasterKind = 'jpeg',
  to: RasterKind = from,
  most = limits,
): Promise<Buffer | string> {
  const whole = { fit: 'scale-down', width: undefined, height: undefined, blur: undefined } as const;
  const all = { ...whole, metadata: 'none', ...policy } as const;
  const plan = await planPicture(sharp, original, from, to, all, most);
  return typeof plan === 'string' ? plan : plan.run();
}

async function made(...args: Parameters<typeof make>): Promise<Buffer> {
  const picture = await make(...args);
  if (typeof picture === 'string') throw new Error(picture);
  return picture;
}

const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const white = [255, 255, 255];

/** As near as JPEG keeps it. */
async function expectPixel(picture: Buffer, x: number, y: number, colour: readonly number[]): Promise<void> {
  const found = await pixel(picture, x, y);
  for (const [index, value] of found.entries())
    expect(Math.abs(value - colour[index]!), `${found} at ${x}, ${y}`).toBeLessThan(40);
}

describe('fit', () => {
  test.each([
    ['scale-down', 100, 50],
    ['contain', 100, 50],
    ['cover', 100, 100],
    ['crop', 100, 100],
    ['pad', 100, 100],
  ] as const)('%s of 200 by 100 into 100 by 100 is %i by %i', async (fit, width, height) => {
    const picture = await made(await photo(), { fit, width: 100, height: 100 });
    expect(await sharp(picture).metadata()).toMatchObject({ width, height, format: 'jpeg' });
  });

  test('cover cuts the sides, evenly', async () => {
    const picture = await made(await photo(400, 100), { fit: 'cover', width: 100, height: 100 });
    await expectPixel(picture, 10, 10, red);
    await expectPixel(picture, 90, 10, green);
    await expectPixel(picture, 10, 90, blue);
  });

  test('crop cuts what is larger, and enlarges nothing', async () => {
    const picture = await made(await photo(200, 50), { fit: 'crop', width: 100, height: 100 });
    expect(await sharp(picture).metadata()).toMatchObject({ width: 100, height: 50 });
    await expectPixel(picture, 10, 10, red);
    await expectPixel(picture, 90, 10, green);
  });

  test('pad adds white, and shows all', async () => {
    const picture = await made(await photo(), { fit: 'pad', width: 100, height: 100 });
    await expectPixel(picture, 10, 5, white);
    await expectPixel(picture, 10, 35, red);
    await expectPixel(picture, 50, 95, white);
  });

  test('contain enlarges', async () => {
    const picture = await made(await photo(), { fit: 'contain', width: 400, height: 400 });
    expect(await sharp(picture).metadata()).toMatchObject({ width: 400, height: 200 });
  });
});

test('blur mixes the quarters', async () => {
  const sharpEdge = await pixel(await made(await photo(), {}), 90, 20);
  const blurred = await pixel(await made(await photo(), { blur: 40 }), 90, 20);
  expect(sharpEdge[0]).toBeGreaterThan(200);
  expect(blurred[0]).toBeLessThan(190);
});

describe('EXIF orientation', () => {
  test.each([
    [3, 200, 100, white],
    [6, 100, 200, blue],
    [8, 100, 200, green],
  ])('%i is applied', async (orientation, width, height, topLeft) => {
    const original = await sharp(await photo())
      .withMetadata({ orientation })
      .toBuffer();
    const picture = await made(original, {});
    const found = await sharp(picture).metadata();
    expect(found).toMatchObject({ width, height });
    expect(found.orientation).toBeUndefined();
    await expectPixel(picture, 10, 10, topLeft);
    // The area is that of the picture as it is shown.
    const small = await made(original, { width: 50 });
    expect((await sharp(small).metadata()).width).toBe(50);
  });

  test('is not applied twice where the metadata is kept', async () => {
    const original = await sharp(await photo())
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const found = await sharp(await made(original, { metadata: 'keep' })).metadata();
    expect(found).toMatchObject({ width: 100, height: 200 });
    expect(found.orientation ?? 1).toBe(1);
  });
});

describe('metadata', () => {
  const exif = { IFD0: { Copyright: 'Ansel A.', Artist: 'Somebody' }, IFD3: { GPSLatitudeRef: 'N' } };
  const original = photo().then((bytes) => sharp(bytes).withExif(exif).withIccProfile('p3').toBuffer());

  test.each(['jpeg', 'webp', 'avif'] as const)('none stays by default, as %s', async (kind) => {
    const found = await sharp(await made(await original, {}, 'jpeg', kind)).metadata();
    expect(found).toMatchObject({ hasProfile: false });
    expect(found.exif?.includes('Ansel') ?? false).toBe(false);
    expect(found.exif?.includes('Somebody') ?? false).toBe(false);
  });

  test.each(['jpeg', 'webp', 'avif'] as const)("'copyright' keeps that alone, as %s", async (kind) => {
    const found = await sharp(await made(await original, { metadata: 'copyright' }, 'jpeg', kind)).metadata();
    expect(copyrightOf(found.exif!)).toBe('Ansel A.');
    expect(found.exif!.includes('Somebody')).toBe(false);
    expect(found.hasProfile).toBe(false);
  });

  test("'copyright' of a picture that has none keeps nothing", async () => {
    const picture = await made(await photo(), { metadata: 'copyright' });
    expect((await sharp(picture).metadata()).exif).toBeUndefined();
  });

  test.each(['jpeg', 'webp', 'avif'] as const)("'keep' keeps all, as %s", async (kind) => {
    const found = await sharp(await made(await original, { metadata: 'keep' }, 'jpeg', kind)).metadata();
    expect(found.exif!.includes('Ansel A.')).toBe(true);
    expect(found.exif!.includes('Somebody')).toBe(true);
    expect(found.hasProfile).toBe(true);
  });
});

describe('animations', () => {
  test.each(['gif', 'webp'] as const)('stay animations, as %s', async (kind) => {
    const picture = await made(await animation(3), { width: 20 }, 'gif', kind);
    expect(await sharp(picture).metadata()).toMatchObject({ format: kind, pages: 3, width: 20, height: 15 });
  });

  test.each(['cover', 'pad'] as const)('%s is that of each frame', async (fit) => {
    const picture = await made(await animation(3), { fit, width: 20, height: 20 }, 'gif');
    expect(await sharp(picture).metadata()).toMatchObject({ pages: 3, width: 20, height: 20 });
  });
});

describe('is refused', () => {
  test.each([
    ['more pixels than the limit', 199 * 100, 'too-large'],
    ['no more than the limit', 200 * 100, undefined],
  ])('a still picture with %s', async (_, still, failure) => {
    const most = { ...limits, still, animation: 1 };
    const picture = await make(await photo(), { width: 10 }, 'jpeg', 'jpeg', most);
    if (failure === undefined) expect(picture).toBeInstanceOf(Buffer);
    else expect(picture).toBe(failure);
  });

  test('an animation whose frames together have more', async () => {
    const frames = await animation(10, 40, 30);
    const most = (animationLimit: number) => ({ ...limits, still: 40 * 30, animation: animationLimit });
    expect(await make(frames, {}, 'gif', 'gif', most(40 * 30 * 10 - 1))).toBe('too-large');
    expect(await make(frames, {}, 'gif', 'gif', most(40 * 30 * 10))).toBeInstanceOf(Buffer);
  });

  test('a variant that would be larger', async () => {
    const original = await photo(1000, 1);
    expect(await make(original, { fit: 'contain', height: 10_000 })).toBe('too-large');
  });

  test('a PNG whose header says 60,000 by 60,000, before it is decoded', async () => {
    expect(await make(bomb(60_000, 60_000), { width: 10 }, 'png')).toBe('too-large');
  });

  test('a GIF of 500 large frames', async () => {
    expect(await make(longAnimation(500, 1_000), { width: 10 }, 'gif')).toBe('too-large');
    expect(await make(longAnimation(40, 1_000), { width: 10 }, 'gif')).toBeInstanceOf(Buffer);
  });

  test.each(['jpeg', 'png', 'gif', 'webp', 'avif'] as const)('a truncated %s', async (kind) => {
    const raw = await quarters(400, 300).toFormat(kind).toBuffer();
    // Of what is nearly nothing, nothing may be missing.
    const noisy = { background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 60 } } as const;
    const create = { width: 400, height: 300, channels: 3, ...noisy } as const;
    const noise = await sharp({ create }).toFormat(kind).toBuffer();
    for (const bytes of [raw.subarray(0, 20), noise.subarray(0, noise.length / 2)])
      expect(await make(bytes, { width: 100 }, kind)).toBe('broken');
  });

  test('a picture of another kind than its first bytes say', async () => {
    expect(await make(await photo(), {}, 'png')).toBe('broken');
  });
});

/** A PNG that says it is large, and holds next to nothing. */
function bomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const data = chunk('IDAT', deflateSync(Buffer.alloc(100)));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

/** A GIF of large frames, each of which draws one pixel. */
function longAnimation(frames: number, side: number): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  screen.writeUInt16LE(side, 6);
  screen.writeUInt16LE(side, 8);
  const frame = Buffer.from('!\xf9\x04\0\x0a\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
  return Buffer.concat([screen, ...Array.from({ length: frames }, () => frame), Buffer.from(';')]);
}
