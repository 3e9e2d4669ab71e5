/** Makes the picture of a variant out of an original, by sharp. It knows no files, and no requests. */
import type { Sharp, SharpInput } from 'sharp';
import type { PicturePolicy } from '../schemes/definition.ts';
import { copyrightOf } from './copyright.ts';
import { fittingOf, type Size } from './geometry.ts';
import type { Limits } from './options.ts';
import type { PictureKind } from './picture-kind.ts';

/** What is used of sharp. */
export type SharpLibrary = typeof import('sharp') extends { default: infer Library } ? Library : never;

/** sharp, which an app installs if it wants variants. @returns undefined if it is not there */
export async function loadSharp(): Promise<SharpLibrary | undefined> {
  try {
    return (await import('sharp')).default;
  } catch {
    return undefined;
  }
}

/** Why there is no picture: more pixels than the limits allow; bytes that are no whole image of their kind. */
export type MakingFailure = 'too-large' | 'broken';

/** In seconds: far above what a picture within the limits takes. */
const longestTime = 60;

/**
 * Of a picture 640 pixels wide, AVIF takes 0.1 seconds with effort 0, 0.4 with 2, and 4.8 with 4, which is the default of sharp
 * (two cores; WebP takes 0.1). From 2 on it is smaller than WebP.
 */
const avif = { quality: 55, effort: 2 };

/** In pixels, of all frames: what is larger takes some hundred megabytes while it is decoded. */
const large = 25_000_000;

/** Runs one piece of work after the other. */
export type InTurn = (work: () => Promise<Buffer>) => Promise<Buffer>;

/**
 * @param kind - what to make: that of the original, WebP or AVIF
 * @param inTurn - runs what takes so much memory that it should not be done several times at once: a file of two kilobytes may
 *   hold 100 megapixels
 */
export async function makePicture(
  sharp: SharpLibrary,
  original: Buffer,
  from: PictureKind,
  kind: Exclude<PictureKind, 'svg'>,
  policy: PicturePolicy,
  limits: Limits,
  inTurn: InTurn,
): Promise<Buffer | MakingFailure> {
  try {
    // Only the header is read for this: a bomb says its size there.
    const found = await sharp(original, { limitInputPixels: false }).metadata();
    if (!isFormat(found.format, from)) return 'broken';
    const frames = from === 'gif' || from === 'webp' ? (found.pages ?? 1) : 1;
    const isMoving = frames > 1 && kind !== 'avif';
    const stored = { width: found.width, height: found.height };
    if (isAbove(stored, isMoving ? frames : 1, limits)) return 'too-large';
    // An animation is not turned: sharp would turn the strip of its frames.
    const shown = isMoving ? stored : (found.autoOrient ?? stored);
    const fitting = fittingOf(shown, policy);
    if (isAbove(fitting ?? shown, isMoving ? frames : 1, limits)) return 'too-large';
    const input: SharpInput = original;
    let image = sharp(input, { animated: isMoving, limitInputPixels: false, failOn: 'error' }).timeout({
      seconds: longestTime,
    });
    if (!isMoving) image = image.autoOrient();
    if (fitting !== undefined) image = image.resize({ ...fitting, background: '#fff' });
    if (policy.blur !== undefined) image = image.blur(policy.blur);
    const encoded = encode(withMetadata(image, policy, found.exif), kind);
    const isLarge = stored.width * stored.height * (isMoving ? frames : 1) > large;
    return await (isLarge ? inTurn(() => encoded.toBuffer()) : encoded.toBuffer());
  } catch {
    return 'broken';
  }
}

function isFormat(format: string | undefined, kind: PictureKind): boolean {
  return kind === 'avif' ? format === 'heif' : format === kind;
}

function isAbove({ width, height }: Size, frames: number, { still, animation }: Limits): boolean {
  return width * height * frames > (frames > 1 ? animation : still);
}

/** Unless told, sharp writes no metadata, and turns colours into sRGB. */
function withMetadata(image: Sharp, { metadata }: PicturePolicy, exif: Buffer | undefined): Sharp {
  if (metadata === 'keep') return image.keepMetadata();
  const copyright = metadata === 'copyright' && exif !== undefined ? copyrightOf(exif) : undefined;
  return copyright === undefined ? image : image.withExif({ IFD0: { Copyright: copyright } });
}

function encode(image: Sharp, kind: Exclude<PictureKind, 'svg'>): Sharp {
  switch (kind) {
    case 'jpeg':
      return image.jpeg({ quality: 85 });
    case 'png':
      return image.png();
    case 'gif':
      return image.gif();
    case 'webp':
      return image.webp({ quality: 80 });
    case 'avif':
      return image.avif(avif);
  }
}
