/**
 * Estimates from an original's header how much memory a picture takes while it is made: a file of one kilobyte may have 100
 * megapixels. It is better to estimate too much than ever too little.
 *
 * Every figure is the highest that was measured: the peak resident memory (`VmHWM`) of a process that makes one picture, minus its
 * memory before, divided by the bytes of the pixels. Measured with sharp 0.35, libvips 8.18 and glibc, 9 to 36 megapixels, one
 * colour and noise, with and without alpha. `test/walks/load/pictures.test.ts` checks them.
 */
import type { PicturePolicy } from '../schemes/definition.ts';
import { type Fitting, type Size, sizeBeforeCut } from './geometry.ts';
import type { RasterKind } from './picture-kind.ts';

/**
 * Factor for the bytes of an original, from the reading of its header on: the file, and what libvips copies from it, such as a
 * colour profile. For a GIF, also an entry per frame, which takes only 15 bytes in the file.
 */
export const heldOf: Readonly<Record<RasterKind, number>> = { jpeg: 2, png: 2, gif: 12, webp: 4, avif: 4 };

/** Factor for the bytes of all pixels, if more than some rows are held. */
const decoding: Readonly<Record<RasterKind, (header: Making) => number>> = {
  jpeg: ({ isProgressive }) => (isProgressive ? 2.1 : 0), // coefficients of 16 bits
  png: ({ isProgressive }) => (isProgressive ? 1.3 : 0),
  gif: () => 1.8,
  // One frame of an animation is drawn on a canvas.
  webp: ({ pages }) => (pages > 1 ? 4.2 : 2.5),
  avif: ({ bits }) => (bits > 8 ? 4.5 : 6.5),
};

/** Factor for the bytes of the resulting pixels, 8 bits each. */
const encoding: Readonly<Record<RasterKind, number>> = { jpeg: 2.8, png: 2, gif: 8, webp: 10.5, avif: 13 };

/** For animations: factors for the bytes of one frame, and of all frames. */
const moving = {
  decoding: [3, 0.25],
  encoding: { webp: [12.5, 2.5], gif: [7.5, 1.5] },
} as const;

/**
 * How many rows are between decoder and encoder, with one libvips thread, and for every further thread. A blur adds rows for every
 * pixel of its deviation.
 */
const rows = 1_500;
const rowsOfThread = 100;
const rowsOfBlur = 18;

/** In bytes, for every picture. */
const least = 16 * 2 ** 20;

/** What is made: the original's header in sharp's terms, and the result. */
export interface Making {
  readonly stored: Size;
  readonly channels: number;
  /** Of a channel. */
  readonly bits: number;
  readonly pages: number;
  /** Or interlaced. */
  readonly isProgressive: boolean;
  readonly from: RasterKind;
  readonly to: RasterKind;
  /** It stays an animation. */
  readonly isMoving: boolean;
  readonly isTurned: boolean;
  /** As it is shown. */
  readonly shown: Size;
  readonly fitting: Fitting | undefined;
  readonly blur: PicturePolicy['blur'];
  /** How many threads libvips uses for one picture. */
  readonly threads: number;
}

/** @returns bytes, without those of the file */
export function memoryOf(making: Making): number {
  const { stored, channels, bits, pages, from, to, isMoving, isTurned, shown, fitting, blur = 0 } = making;
  const target = fitting ?? shown;
  const pixel = Math.max(3, channels);
  const depth = bits > 8 ? 2 : 1;
  const scaled = fitting === undefined ? shown : sizeBeforeCut(shown, fitting);
  const width = Math.max(stored.width, scaled.width, isTurned ? scaled.height : 0);
  const passing =
    (width * (rows + rowsOfThread * making.threads) + target.width * rowsOfBlur * blur) * pixel * depth;
  if (isMoving) {
    const frames = (size: Size, [one, all]: readonly [number, number]): number =>
      areaOf(size) * 4 * (one + all * pages);
    const written = moving.encoding[to as keyof typeof moving.encoding];
    return least + passing + frames(stored, moving.decoding) + frames(target, written);
  }
  const decoded = areaOf(stored) * channels * depth * decoding[from](making);
  const turned = isTurned ? areaOf(scaled) * pixel * depth : 0;
  return least + passing + decoded + turned + areaOf(target) * pixel * encoding[to];
}

function areaOf({ width, height }: Size): number {
  return width * height;
}

/** Text in a PNG is decompressed and held with its header, and copied by libvips. libpng takes up to 8 MB of a chunk. */
const longestText = 8_000_000;
const copies = 5;
/** How much a chunk may grow: deflate compresses up to 1,032 times. */
const growth: ReadonlyMap<string, number> = new Map([
  ['tEXt', 1],
  ['zTXt', 1_032],
  ['iTXt', 1_032],
  ['iCCP', 1_032],
]);

/** @returns the maximal memory of a PNG's text, in bytes */
export function textMemoryOf(png: Buffer): number {
  let memory = 0;
  for (let at = 8; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const times = growth.get(png.toString('latin1', at + 4, at + 8)) ?? 0;
    memory += Math.min(longestText, length * times) * copies;
    at += length + 12;
  }
  return memory;
}
