/** What the option `variants` says of one variant: of its tokens, and of what its pictures look like. */
import type { Metadata, PictureFit } from '../schemes/definition.ts';
import type { Duration } from '../text/duration.ts';

/**
 * What holds for one variant.
 * @example
 * ```ts
 * const variants = { thumb: { width: 320 }, card: { ttl: '1h' }, preview: { alwaysPublic: true } } as const;
 * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants });
 * ```
 */
export interface VariantPolicy {
  /**
   * How long a signed URL of this variant stays valid at least: seconds, or `'15m'`.
   * @default the option `ttl`
   */
  readonly ttl?: Duration | undefined;
  /**
   * Set this for a variant that has "Always allow public access" at Cloudflare. It is never signed, and a token that
   * its URL carries is removed.
   * @default false
   */
  readonly alwaysPublic?: boolean | undefined;
  /**
   * Width in CSS pixels. `signSrcset` without candidates uses the variants that have one.
   * @default none: `signSrcset` leaves this variant out unless it is named
   */
  readonly width?: number | undefined;
  /**
   * Height in CSS pixels. Only `imageDelivery` uses it.
   * @default none
   */
  readonly height?: number | undefined;
  /**
   * How an image of another shape gets into `width` and `height`, as at Cloudflare Images. Only `imageDelivery` uses it.
   * @default 'scale-down'
   * @see https://developers.cloudflare.com/images/optimization/hosted-images/create-variants/
   */
  readonly fit?: PictureFit | undefined;
  /**
   * How strongly the image is blurred, from 1 to 250. Only `imageDelivery` uses it.
   * @default not at all
   */
  readonly blur?: number | undefined;
  /**
   * What stays of the image's metadata (EXIF, XMP, IPTC and the colour profile). Only `imageDelivery` uses it.
   * @default 'none'
   */
  readonly metadata?: Metadata | undefined;
}
