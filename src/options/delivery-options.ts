/** What `imageDelivery` takes besides a signer's options, as docs/reference/delivery.md explains it. */
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { Memory } from './signer-options.ts';

/**
 * What the delivery takes besides a signer's options.
 * @typeParam Image - what `isPublic` is asked about
 */
export interface DeliveryOptions<Image = DeliveryImage> {
  /**
   * The folder of the originals. An image id is the path of a file in it, with or without its extension. Required.
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures' });
   * ```
   */
  readonly directory: string;
  /**
   * Images that need no token, in any variant of `variants`, as for `imageGuard`.
   * @default every image needs a token
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', isPublic: (image) => image.file.startsWith('press/') });
   * ```
   */
  isPublic?(
    image: Image & {
      /** The one name of the image, by whatever id it was asked for: the path of its file below `directory`. */
      readonly file: string;
    },
  ): boolean;
  /**
   * As for `imageGuard`: makes signed images `public` instead of `private`, for a shared cache in front whose key is the whole
   * URL.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', sharedCache: true });
   * ```
   */
  readonly sharedCache?: boolean | undefined;
  /**
   * Draws why an image is refused, for whoever looks at the page. It says more than a visitor should know: never set it in
   * production.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', explain: true });
   * ```
   */
  readonly explain?: boolean | undefined;
  /**
   * Draws a picture in the place of one that is not there, with its id, its variant and its size on it: for a team that works
   * with the database of production, and without its pictures. It answers `200`: never set it in production.
   * @default false
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', placeholder: true });
   * ```
   */
  readonly placeholder?: boolean | undefined;
  /**
   * How many pixels a picture may have, in millions: a still one, and all frames of an animation together; how much memory
   * all pictures take together while they are made; and how much those that are kept. A picture above a limit is answered with
   * `413` before it is decoded; one for which there is no memory now waits.
   * @default { megapixels: 100, animationMegapixels: 50, memory: '512MB', cache: '64MB' }; the first two as at Cloudflare Images
   * @example
   * ```ts
   * imageDelivery({ signer, directory: './pictures', limits: { megapixels: 40 } });
   * ```
   */
  readonly limits?:
    | {
        /** Of a still picture: width by height, in millions of pixels. */
        readonly megapixels?: number | undefined;
        /** Of an animation: width by height by the number of its frames, in millions of pixels. */
        readonly animationMegapixels?: number | undefined;
        /** What all pictures in the making take together: bytes, or `'512MB'`. */
        readonly memory?: Memory | undefined;
        /** What the pictures that were made take, which are kept until the process ends: bytes, or `'64MB'`; `0` keeps none. */
        readonly cache?: Memory | undefined;
      }
    | undefined;
}
