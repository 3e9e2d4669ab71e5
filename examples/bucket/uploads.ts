/** Fills the store like the site's uploads: photos in two sizes in `uploads/`, and a file elsewhere. */
import sharp from 'sharp';
import { type Drawing, drawings } from '../gallery/pictures/catalogue.ts';
import { createRandom } from '../gallery/pictures/random.ts';
import { height, width } from '../gallery/pictures/svg.ts';
import type { Store } from './store.ts';

/** A photo in the site's database. */
export interface Photo {
  /** The object with 800 by 500 pixels: `uploads/one-sail.jpg`. */
  readonly key: string;
  /** The object with 400 by 250 pixels: `uploads/one-sail-small.jpg`. */
  readonly smallKey: string;
  readonly title: string;
  readonly alt: string;
}

const drawn = new Map<Photo, Drawing>(
  // The three in between are the slowest to draw.
  [...drawings.slice(0, 4), ...drawings.slice(7, 10)].map((drawing) => [photoOf(drawing), drawing]),
);
export const photos: readonly Photo[] = [...drawn.keys()];

/** The site must never sign it. */
export const invoiceKey = 'invoices/2026-11.svg';
const invoice =
  '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="250"><text x="20" y="40">Invoice</text></svg>';

/** @param signal - stops between two photos */
export async function fillStore({ put }: Pick<Store, 'put'>, signal?: AbortSignal): Promise<void> {
  await put(invoiceKey, 'image/svg+xml', invoice);
  const waiting = [...drawn];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal?.aborted; next = waiting.shift()) {
      const [{ key, smallKey }, drawing] = next;
      const { large, small } = await draw(drawing);
      await put(key, 'image/jpeg', large);
      await put(smallKey, 'image/jpeg', small);
    }
  };
  await Promise.all([work(), work()]);
}

function photoOf({ title, alt }: Drawing): Photo {
  const name = title
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .slice(0, 40);
  return { key: `uploads/${name}.jpg`, smallKey: `uploads/${name}-small.jpg`, title, alt };
}

async function draw({ scene, seed }: Drawing): Promise<{ large: Buffer; small: Buffer }> {
  const inside = scene(createRandom(seed));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500" viewBox="0 0 ${width} ${height}">${inside}</svg>`;
  const large = await sharp(Buffer.from(svg)).jpeg({ quality: 85 }).toBuffer();
  return { large, small: await sharp(large).resize(400).jpeg({ quality: 85 }).toBuffer() };
}
