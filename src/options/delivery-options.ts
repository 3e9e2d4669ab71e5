/** The options of `imageDelivery` besides a signer's, as docs/reference/delivery.md explains them. */
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { Memory } from './signer-options.ts';

/**
 * Options of the delivery besides a signer's.
 * @typeParam Image - the image that `isPublic` receives
 */
export interface DeliveryOptions<Image = DeliveryImage> {
  /**
   * The folder with the originals. An image id is the path of a file in it, with or without the extension. Required.
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures' });
   * ```
   */
  readonly directory: string;
  /**
   * Returns `true` for an image that needs no token, in any of your `variants`, as for `imageGuard`.
   * @default every image needs a token
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', isPublic: (image) => image.file.startsWith('press/') });
   * ```
   */
  isPublic?(
    image: Image & {
      /** The path of the file below `directory`, however the id spells it. */
      readonly file: string;
    },
  ): boolean;
  /**
   * As for `imageGuard`: sends signed images as `public` instead of `private`, for a shared cache whose key is the whole URL.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', sharedCache: true });
   * ```
   */
  readonly sharedCache?: boolean | undefined;
  /**
   * Draws why an image is refused, instead of the image. It tells visitors more than they should know: never set it in
   * production.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', explain: true });
   * ```
   */
  readonly explain?: boolean | undefined;
  /**
   * Draws a placeholder for a missing image, with its id, variant and size, for a team that has production's database but not its
   * images. It answers `200`: never set it in production.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', placeholder: true });
   * ```
   */
  readonly placeholder?: boolean | undefined;
  /**
   * Limits for the pixels of an image, and the memory of variants. An image above a limit gets `413` before it is decoded. If
   * there is no memory for a variant now, the request waits.
   * @default { megapixels: 100, animationMegapixels: 50, memory: '512MB', cache: '64MB' }; the first two as at Cloudflare Images
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', limits: { megapixels: 40 } });
   * ```
   */
  readonly limits?:
    | {
        /** Millions of pixels of a still image: width times height. */
        readonly megapixels?: number | undefined;
        /** Millions of pixels of an animation: width times height times frames. */
        readonly animationMegapixels?: number | undefined;
        /** Memory for all variants that are being made at one time: bytes, or `'512MB'`. */
        readonly memory?: Memory | undefined;
        /** Memory for the variants that are kept: bytes, or `'64MB'`. `0` keeps none. */
        readonly cache?: Memory | undefined;
      }
    | undefined;
}
