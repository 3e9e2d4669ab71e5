/** The entry point of an image delivery on one's own disk: for Express, Connect and bare `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createDelivery } from './delivery/handler.ts';
import type {
  CloudflareImages,
  ImageByKey,
  ImageOf,
  ImageSource,
  SignerFor,
  SignerOptionsFor,
} from './entry-types.ts';
import type { DeliveryOptions } from './options/delivery-options.ts';
import type { CloudflareOptions } from './options/signer-options.ts';

export type { DeliveredImage } from './delivery/handler.ts';
export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type { ImageSignerEvent } from './options/events.ts';
export type { VariantPolicy } from './options/variant-policy.ts';

/**
 * What `imageDelivery` returns: a middleware, or the request listener of a bare server. With `next`, requests for what is no
 * image go there.
 */
export type Delivery = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** What may stand beside a signer that was made before. */
interface VariantsBesideSigner<Variant extends string> {
  /**
   * What the signer's variants look like, in place of what their policies say.
   * @default what the policies of the signer's variants say
   * @example
   * ```ts
   * imageDelivery({ directory: './pictures', signer, variants: { thumb: { width: 320, fit: 'cover' } } });
   * ```
   */
  readonly variants?: CloudflareOptions<Variant>['variants'] | undefined;
}

/** The options of `imageDelivery`: those of a signer, or `{ signer }`, with the folder, and how it delivers. */
export type ImageDeliveryOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = (
  | SignerOptionsFor<IncomingMessage, Variant, Source, Image>
  | (SignerFor<IncomingMessage, Variant, Source> & VariantsBesideSigner<Variant>)
) &
  DeliveryOptions<Image>;

/**
 * Makes an image delivery out of a folder. It answers as Cloudflare Images does: to requests with a valid token, for always
 * public variants, and for images that `isPublic` names; others get `403`. Variants are made with `sharp`, where it is
 * installed, and kept in memory; without it originals go out as they are. Other stores than Cloudflare Images deliver
 * originals. It takes no uploads.
 * @param options - a signer's options, or `{ signer }`; `directory`, `isPublic`, `limits`, `sharedCache`, `explain`, `placeholder`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { imageDelivery } from 'image-signer/delivery';
 *
 * const delivery = imageDelivery({
 *   directory: './pictures',
 *   key: process.env.IMAGES_KEY,
 *   ttl: '1d',
 *   accountHash: 'my-account',
 *   variants: { thumb: { width: 320 }, card: { width: 640, height: 400, fit: 'cover' } },
 * });
 * createServer(delivery).listen(8787); // http://localhost:8787/my-account/2026/sunset/thumb?exp=…&sig=…
 * ```
 */
export function imageDelivery<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageDeliveryOptions<Variant, Source, ImageOf<Source>>,
): Delivery {
  return createDelivery(options);
}
