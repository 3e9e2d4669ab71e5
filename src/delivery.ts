/** The entry point of an image delivery from your own disk: for Express, Connect and bare `node:http`. */
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
 * What `imageDelivery` returns: a middleware, or a request listener for a bare server. Requests that are not for an image go to
 * `next`, if there is one.
 */
export type Delivery = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** An option that is allowed beside an existing signer. */
interface VariantsBesideSigner<Variant extends string> {
  /**
   * How the signer's variants look, instead of what their own policies say.
   * @default the policies of the signer's variants
   * @example
   * ```ts
   * imageDelivery({ directory: './pictures', signer, variants: { thumb: { width: 320, fit: 'cover' } } });
   * ```
   */
  readonly variants?: CloudflareOptions<Variant>['variants'] | undefined;
}

/** The options of `imageDelivery`: a signer's options, or `{ signer }`, with the folder, and how it delivers. */
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
 * Creates an image delivery from a folder. Like Cloudflare Images, it delivers an image if the request has a valid token, or
 * names an always public variant, or `isPublic` returns true; others get `403`. If `sharp` is installed, it makes the variants
 * and keeps them in memory; without `sharp`, it sends originals. For other stores it always sends originals. It takes no
 * uploads.
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
