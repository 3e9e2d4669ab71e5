/** Two clients and their pictures: six of the gallery's, drawn into a folder in the Worker's variants. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Drawing } from '../../gallery/pictures/catalogue.ts';
import { drawings } from '../../gallery/pictures/catalogue.ts';
import { drawPictures } from '../../gallery/pictures/draw.ts';
import { variants } from '../../gallery/variants.ts';

export const clients = ['ada', 'ben'] as const;
export type Client = (typeof clients)[number];

export const pictures: Readonly<Record<Client, readonly Drawing[]>> = {
  ada: drawings.slice(0, 3),
  ben: drawings.slice(3, 6),
};

/**
 * Writes `<id>/<variant>.webp`. The six take a few seconds.
 * @param folder - an existing folder
 * @param signal - ends it between two pictures
 */
export async function drawProofs(folder: string, signal: AbortSignal): Promise<void> {
  const drawn = Object.values(pictures).flat();
  await drawPictures(folder, drawn, signal);
  for (const { id } of drawn) {
    if (signal.aborted) return;
    await makeVariants(join(folder, `${id}.webp`), join(folder, id));
  }
}

/** The variants of `wrangler.jsonc`. The original is deleted. */
async function makeVariants(original: string, folder: string): Promise<void> {
  await mkdir(folder);
  const card = sharp(original).resize(variants.card.width);
  await card.clone().webp({ quality: 82, effort: 2 }).toFile(join(folder, 'card.webp'));
  await card
    .clone()
    .blur(variants.preview.blur)
    .webp({ quality: 82, effort: 2 })
    .toFile(join(folder, 'preview.webp'));
  await rm(original);
}
