/** Makes the picture of a variant out of an original, by sharp. It knows no files, and no requests. */
import type { Sharp } from 'sharp';
import type { PicturePolicy } from '../schemes/definition.ts';
import { fittingOf, type Size } from './geometry.ts';
import type { Limits } from './options.ts';
import type { RasterKind } from './picture-kind.ts';
import { heldOf, memoryOf, textMemoryOf } from './picture-memory.ts';
import type { Work } from './workshop.ts';

/** The type of sharp. */
export type SharpLibrary = typeof import('sharp') extends { default: infer Library } ? Library : never;

/** sharp, which an app installs if it wants variants. @returns undefined if it is not installed */
export async function loadSharp(): Promise<SharpLibrary | undefined> {
  try {
    const sharp = (await import('sharp')).default;
    // libvips would keep its last hundred operations, with decoders of some hundred megabytes that it does not count.
    sharp.cache(false);
    return sharp;
  } catch {
    return undefined;
  }
}

/** Why there is no picture: it exceeds the limits, or its bytes are not a complete image of their kind. */
export type MakingFailure = 'too-large' | 'broken';

/** In seconds: far more than a picture within the limits takes. */
const longestTime = 60;

/**
 * For a picture 640 pixels wide, AVIF takes 0.1 seconds with effort 0, 0.4 with 2, and 4.8 with 4, which is sharp's default (on
 * two cores; WebP takes 0.1). From 2 on, AVIF is smaller than WebP.
 */
const encodings = {
  jpeg: { quality: 85 },
  png: {},
  gif: {},
  webp: { quality: 80 },
  avif: { quality: 55, effort: 2 },
} as const satisfies Record<RasterKind, object>;

/** Every frame takes time and memory, however small it is. */
const maxFrames = 10_000;

/**
 * Reads only the header of an original, where a decompression bomb states its size. Nothing is decoded.
 * @param kind - the format to make: the original's, WebP or AVIF
 * @returns the work, with the memory that it needs including the original's bytes
 */
export async function planPicture(
  sharp: SharpLibrary,
  original: Buffer,
  from: RasterKind,
  kind: RasterKind,
  policy: PicturePolicy,
  limits: Limits,
): Promise<Work<Buffer | MakingFailure> | MakingFailure> {
  const text = from === 'png' ? textMemoryOf(original) : 0;
  // The text is decompressed with the header, while other pictures are being made.
  if (text > limits.memory / 8) return 'too-large';
  try {
    const found = await sharp(original, { limitInputPixels: false }).metadata();
    if (found.format !== (from === 'avif' ? 'heif' : from)) return 'broken';
    const pages = from === 'gif' || from === 'webp' ? (found.pages ?? 1) : 1;
    const isMoving = pages > 1 && kind !== 'avif';
    const frames = isMoving ? pages : 1;
    const stored = { width: found.width, height: found.height };
    if (isAbove(stored, frames, limits)) return 'too-large';
    // An animation is not rotated: sharp would rotate the strip of its frames.
    const shown = isMoving ? stored : (found.autoOrient ?? stored);
    const fitting = fittingOf(shown, policy);
    if (isAbove(fitting ?? shown, frames, limits)) return 'too-large';
    const making = memoryOf({
      stored,
      channels: found.channels,
      bits: found.bitsPerSample ?? (found.depth === 'uchar' ? 8 : 16),
      pages,
      isProgressive: found.isProgressive,
      from,
      to: kind,
      isMoving,
      isTurned: !isMoving && (found.orientation ?? 1) > 1,
      shown,
      fitting,
      blur: policy.blur,
      threads: sharp.concurrency(),
    });
    const memory = original.length * heldOf[from] + text + making;
    if (memory > limits.memory) return 'too-large';
    const run = async (): Promise<Buffer | MakingFailure> => {
      try {
        let image = sharp(original, { animated: isMoving, limitInputPixels: false, failOn: 'error' });
        image = image.timeout({ seconds: longestTime });
        if (!isMoving) image = image.autoOrient();
        if (fitting !== undefined) image = image.resize({ ...fitting, background: '#fff' });
        if (policy.blur !== undefined) image = image.blur(policy.blur);
        image = withMetadata(image, policy, found.exif);
        return await image.toFormat(kind, encodings[kind]).toBuffer();
      } catch {
        return 'broken';
      }
    };
    return { memory, run };
  } catch {
    return 'broken';
  }
}

function isAbove({ width, height }: Size, frames: number, { still, animation }: Limits): boolean {
  return width * height * frames > (frames > 1 ? animation : still) || frames > maxFrames;
}

/** By default, sharp writes no metadata, and converts colours to sRGB. */
function withMetadata(image: Sharp, { metadata }: PicturePolicy, exif: Buffer | undefined): Sharp {
  if (metadata === 'keep') return image.keepMetadata();
  const copyright = metadata === 'copyright' && exif !== undefined ? copyrightOf(exif) : undefined;
  return copyright === undefined ? image : image.withExif({ IFD0: { Copyright: copyright } });
}

/** @see Exif 3.0, 4.6.5: the tag `Copyright` of the first directory, as text in ASCII */
const copyrightTag = 0x8298;
const asciiType = 2;
const entryLength = 12;

/**
 * The one tag that `metadata: 'copyright'` keeps.
 * @param exif - as in a file, with or without a leading `Exif\0\0`
 * @returns undefined if there is none
 */
export function copyrightOf(exif: Buffer): string | undefined {
  const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  const order = tiff.toString('latin1', 0, 2);
  if (order !== 'II' && order !== 'MM') return undefined;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const isLittle = order === 'II';
  try {
    const start = view.getUint32(4, isLittle);
    const count = view.getUint16(start, isLittle);
    for (let index = 0; index < count; index++) {
      const entry = start + 2 + index * entryLength;
      if (view.getUint16(entry, isLittle) !== copyrightTag) continue;
      const length = view.getUint32(entry + 4, isLittle);
      // A text of up to four bytes is stored instead of its offset.
      const offset = length <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle);
      if (view.getUint16(entry + 2, isLittle) !== asciiType) return undefined;
      return tiff.toString('utf8', offset, offset + length).replace(/\0+$/, '') || undefined;
    }
  } catch {} // an offset beyond the end
  return undefined;
}
