/** Draws the pictures into a folder, laid out as the delivery serves them: `<id>/<variant>.webp`. */
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import { variants } from '../variants.ts';
import type { Drawing } from './catalogue.ts';
import { createGrain } from './grain.ts';
import { createRandom } from './random.ts';
import { height, width } from './svg.ts';

/**
 * @param signal - stops between two pictures; what has been begun is written to its end
 */
export async function drawPictures(
  folder: string,
  drawings: readonly Drawing[],
  signal: AbortSignal,
): Promise<void> {
  const grain = createGrain();
  const waiting = [...drawings];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      await draw(join(folder, next.id), next, grain);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** Rendered once, in the largest size; the others are made of those pixels. */
async function draw(folder: string, { scene, seed }: Drawing, grain: OverlayOptions): Promise<void> {
  await mkdir(folder, { recursive: true });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${scene(createRandom(seed))}</svg>`;
  const { data, info } = await sharp(Buffer.from(svg))
    .composite([grain])
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = (): Sharp => sharp(data, { raw: { ...info, channels: 3 } });
  const write = (variant: string, image: Sharp): Promise<unknown> =>
    image.webp({ quality: 82, effort: 2 }).toFile(join(folder, `${variant}.webp`));
  await Promise.all([
    write('hero', pixels()),
    write('card', pixels().resize(variants.card.width)),
    write('thumb', pixels().resize(variants.thumb.width)),
    write('preview', await blurred(pixels())),
  ]);
}

/** Blurred while it is small: cheaper, and nothing of the picture's detail is left in the file. */
async function blurred(pixels: Sharp): Promise<Sharp> {
  const small = await pixels.resize(64).blur(2.2).png().toBuffer();
  return sharp(small).resize(variants.preview.width, null, { kernel: 'cubic' }).blur(6);
}
