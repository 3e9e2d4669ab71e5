/** Paper grain over a picture: one small tile of it, laid out again and again. */
import type { OverlayOptions } from 'sharp';
import { createRandom } from './random.ts';

/** A tile of this many pixels, so that nobody sees where it starts again. */
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
