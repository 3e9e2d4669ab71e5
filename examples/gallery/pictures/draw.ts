/** Draws the pictures into a folder, one file each: `<id>.webp`. The delivery makes the variants. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import type { Drawing } from './catalogue.ts';
import { createGrain } from './grain.ts';
import { createRandom } from './random.ts';
import { height, width } from './svg.ts';

/**
 * @param signal - stops between two pictures; those that have begun are finished
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
      await draw(join(folder, `${next.id}.webp`), next, grain);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function draw(file: string, { scene, seed }: Drawing, grain: OverlayOptions): Promise<void> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${scene(createRandom(seed))}</svg>`;
  await sharp(Buffer.from(svg))
    .composite([grain])
    .removeAlpha()
    .webp({ quality: 90, effort: 2 })
    .toFile(file);
}
