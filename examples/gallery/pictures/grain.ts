/** Paper grain over a picture, from one small tile that repeats. */
import type { OverlayOptions } from 'sharp';
import { createRandom } from './random.ts';

/** In pixels: large enough to hide the repetition. */
const side = 320;

export function createGrain(): OverlayOptions {
  const random = createRandom(7);
  const pixels = Buffer.alloc(side * side * 4);
  for (let at = 0; at < pixels.length; at += 4) {
    const light = (random() + random() + random()) / 3;
    pixels.fill(Math.round(light * 255), at, at + 3);
    pixels[at + 3] = 44;
  }
  return {
    input: pixels,
    raw: { width: side, height: side, channels: 4 },
    tile: true,
    blend: 'overlay',
  };
}
