/** The policy of a variant in the option `variants`: its tokens, and how its images look. */
import type { Metadata, PictureFit } from '../schemes/definition.ts';
import type { Duration } from '../text/duration.ts';

/**
 * The policy of one variant.
 * @example
 * ```ts
 * const variants = { thumb: { width: 320 }, card: { ttl: '1h' }, preview: { alwaysPublic: true } } as const;
 * createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants });
 * ```
 */
export interface VariantPolicy {
  /**
   * How long a signed URL of this variant stays valid, at least: seconds, or `'15m'`.
   * @default the option `ttl`
   */
  readonly ttl?: Duration | undefined;
  /**
   * Set it if the variant has "Always allow public access" at Cloudflare. Its URLs are never signed, and lose old tokens.
   * @default false
   */
  readonly alwaysPublic?: boolean | undefined;
  /**
   * Width in pixels. `signSrcset` without candidates uses the variants that have one.
   * @default none: `signSrcset` leaves this variant out unless it is named
   */
  readonly width?: number | undefined;
  /**
   * Height in pixels. Only `imageDelivery` uses it.
   * @default none
   */
  readonly height?: number | undefined;
  /**
   * How the image is fitted into `width` and `height`, as at Cloudflare Images. Only `imageDelivery` uses it.
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
   * Which metadata is kept (EXIF, XMP, IPTC and the colour profile). Only `imageDelivery` uses it.
   * @default 'none'
   */
  readonly metadata?: Metadata | undefined;
}
