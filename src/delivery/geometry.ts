/** The size of a made picture: Cloudflare's `fit` as numbers. */
import type { PicturePolicy } from '../schemes/definition.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size to make, and how an image of another shape fits into it, in sharp's terms. */
export interface Fitting extends Size {
  readonly fit: 'fill' | 'cover' | 'contain';
}

/**
 * @param size - of the original, as it is shown
 * @returns undefined for a picture that keeps its size
 * @see https://developers.cloudflare.com/images/optimization/hosted-images/create-variants/
 */
export function fittingOf(size: Size, { fit, width, height }: PicturePolicy): Fitting | undefined {
  const across = width === undefined ? undefined : width / size.width;
  const down = height === undefined ? undefined : height / size.height;
  if (across === undefined && down === undefined) return undefined;
  const mayGrow = fit !== 'scale-down' && fit !== 'crop';
  const whole = Math.min(across ?? Infinity, down ?? Infinity);
  if (across === undefined || down === undefined || fit === 'scale-down' || fit === 'contain')
    return { ...scaled(size, mayGrow ? whole : Math.min(1, whole)), fit: 'fill' };
  if (fit === 'cover') return { width: width!, height: height!, fit: 'cover' };
  if (fit === 'pad') return { width: width!, height: height!, fit: 'contain' };
  // `crop`: never enlarged, and cut only where it is larger than the area.
  const { width: w, height: h } = scaled(size, Math.min(1, Math.max(across, down)));
  return { width: Math.min(w, width!), height: Math.min(h, height!), fit: 'cover' };
}

/** The size of an image before it is cropped: a long image may be far larger then. */
export function sizeBeforeCut(size: Size, { width, height, fit }: Fitting): Size {
  return fit === 'cover'
    ? scaled(size, Math.max(width / size.width, height / size.height))
    : { width, height };
}

function scaled({ width, height }: Size, factor: number): Size {
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}
