/**
 * How much memory a picture takes at most while it is made, out of what the header of its original says: a file of one kilobyte
 * may hold 100 megapixels. Never too little for any file is worth more here than never too much.
 *
 * Each figure is the highest that was measured: the peak of the resident memory (`VmHWM`) of a process that makes one picture,
 * less what it took before, over the bytes of its pixels. sharp 0.35 with libvips 8.18, glibc, 9 to 36 megapixels, of one colour and
 * of noise, with and without alpha. `test/delivery/memory.test.ts` holds them together.
 */
import type { PicturePolicy } from '../schemes/definition.ts';
import { type Fitting, type Size, sizeBeforeCut } from './geometry.ts';
import type { RasterKind } from './picture-kind.ts';

/**
 * Times the bytes of an original, while its header is read as well: itself, and what libvips copies out of it, such as a colour
 * profile; of a GIF also a place for each frame, which takes 15 bytes in the file.
 */
export const heldOf: Readonly<Record<RasterKind, number>> = { jpeg: 2, png: 2, gif: 12, webp: 4, avif: 4 };

/** Times the bytes of all pixels, where more than some rows of them are held. */
const decoding: Readonly<Record<RasterKind, (header: Making) => number>> = {
  jpeg: ({ isProgressive }) => (isProgressive ? 2.1 : 0), // coefficients of 16 bits
  png: ({ isProgressive }) => (isProgressive ? 1.3 : 0),
  gif: () => 1.8,
  // One frame of an animation is drawn on a canvas.
  webp: ({ pages }) => (pages > 1 ? 4.2 : 2.5),
  avif: ({ bits }) => (bits > 8 ? 4.5 : 6.5),
};

/** Times the bytes of the pixels that are made, 8 bits each. */
const encoding: Readonly<Record<RasterKind, number>> = { jpeg: 2.8, png: 2, gif: 8, webp: 10.5, avif: 13 };

/** Of animations: times the bytes of one frame, and times those of all. */
const moving = {
  decoding: [3, 0.25],
  encoding: { webp: [12.5, 2.5], gif: [7.5, 1.5] },
} as const;

/**
 * How many rows are on their way from the decoder to the encoder, by one thread of libvips, and for each more; a blur takes more,
 * for each pixel of its deviation.
 */
const rows = 1_500;
const rowsOfThread = 100;
const rowsOfBlur = 18;

/** In bytes, of each picture. */
const least = 16 * 2 ** 20;

/** What is made out of what: the header of an original in the words of sharp, and what becomes of it. */
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
  /** With how many libvips makes one picture. */
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

/** Text in a PNG is decompressed and held with its header, and copied by libvips. Of a chunk, libpng takes up to 8 MB. */
const longestText = 8_000_000;
const copies = 5;
/** By chunk, how much larger it may become: deflate makes it up to 1,032 times smaller. */
const growth: ReadonlyMap<string, number> = new Map([
  ['tEXt', 1],
  ['zTXt', 1_032],
  ['iTXt', 1_032],
  ['iCCP', 1_032],
]);

/** @returns how many bytes the text in a PNG takes at most */
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
