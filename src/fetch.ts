/** The entry point for the fetch standard: Workers, Bun and Deno. */

import type {
  CloudflareImages,
  CloudflareOptionsFor,
  DeliveryImage,
  Helpers,
  ImageByKey,
  ImageGuardOptionsFor,
  ImageOf,
  ImageSignerOptionsFor,
  ImageSource,
  Scheme,
  SchemeImage,
  SignerOptionsFor,
  SigningEndpointOptionsFor,
} from './entry-types.ts';
import type { SignedImage } from './guard/check.ts';
import { createPortableSigner, type Signer } from './signer/index.ts';
import { createFetchEndpoint } from './web/fetch/endpoint.ts';
import { createFetchGuard } from './web/fetch/guard.ts';
import { createFetchMiddleware } from './web/fetch/middleware.ts';

export * from './common.ts';
export type { Signer } from './signer/index.ts';

/** The arguments of `skip`. */
type SkipArguments = [request: Request];
/** The options of `createSigner`, and of every factory without `scheme` or `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<Request, Variant> {}
/**
 * The options of `imageSigner`: a signer's options, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme (for a list, the union of its schemes), or the signer
 * @typeParam Image - the image that `authorize` receives if the options have neither
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<Request, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: a signer's options, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<Request, Source>;
/** The options of `signingEndpoint`: a signer's options, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<Request, Source>;

/** The second argument of a handler: helpers for the response that it returns. They throw `ImageSignerError`. */
export interface FetchHelpers<Variant extends string = string> extends Helpers<Variant> {}
/**
 * Answers a request: your own handler, or `fetch` for an origin behind a Worker. Use the request that it receives, from which
 * conditional headers may have been removed.
 * @example
 * ```ts
 * const handler: FetchHandler = (request) => fetch(request);
 * ```
 */
export type FetchHandler<Variant extends string = string> = (
  request: Request,
  helpers: FetchHelpers<Variant>,
) => Response | Promise<Response>;

/**
 * Creates a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` accept as `{ signer }`.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 * @example
 * ```ts
 * import { createSigner } from 'image-signer/fetch';
 *
 * const signer = createSigner({
 *   key: process.env.IMAGES_KEY,
 *   ttl: '1d',
 *   variants: ['thumb', 'card'],
 *   accountHash: 'cheeW4oKsx5ljh8e8BoL2A',
 * });
 * signer.signImage('photo-1', 'thumb');
 * ```
 */
export function createSigner<const Variant extends string, Known extends Scheme = CloudflareImages>(
  options: SignerOptionsFor<Request, Variant, Known>,
): Signer<Variant, ImageOf<Known>> {
  return createPortableSigner(options);
}

/**
 * Types the options in an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them
 * unchanged; `imageSigner` checks them.
 * @example
 * ```ts
 * // image-signer.config.ts
 * import { defineConfig } from 'image-signer/fetch';
 *
 * export default defineConfig({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * ```
 */
export function defineConfig<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageSignerOptions<Variant, Source, ImageOf<Source>>,
): ImageSignerOptions<Variant, Source, ImageOf<Source>> {
  return options;
}

/**
 * Creates a function that signs the image URLs in a site's responses: in a Worker, Bun or Deno.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @returns a function that calls the handler with the request, and returns its response, signed
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { imageSigner } from 'image-signer/fetch';
 *
 * const sign = imageSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * export default {
 *   fetch: (request: Request): Promise<Response> => sign(request, (forwarded) => fetch(forwarded)),
 * };
 * ```
 */
export function imageSigner<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageSignerOptions<Variant, Source, ImageOf<Source>>,
): (request: Request, next: FetchHandler<Variant>) => Promise<Response> {
  return createFetchMiddleware(options);
}

/**
 * Answers a request that the guard let through.
 * @typeParam Image - the images of the guard's schemes
 * @example
 * ```ts
 * const handler: GuardedHandler = (_request, signedImage) => fetch(`https://storage.example${signedImage?.path}`);
 * ```
 */
export type GuardedHandler<Image extends SchemeImage = DeliveryImage> = (
  request: Request,
  signedImage: SignedImage<Image> | undefined,
) => Response | Promise<Response>;

/**
 * Creates a guard for a site that delivers images itself. It lets a request through if it has a valid token, or names an
 * always public variant. Others get `403`, or `404` if the path isn't a delivery URL. The host of `request.url` does not
 * matter. Call it only for the paths of images.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @returns a function that calls the handler with the request and the verified image (undefined if `mode: 'report'` let an
 *   invalid request through), and limits how long caches keep the response
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import { createSigner, imageGuard } from 'image-signer/fetch';
 *
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], delivery: '/images' });
 * const guard = imageGuard({ signer });
 * export default {
 *   fetch: (request: Request): Promise<Response> =>
 *     guard(request, (_request, image) => fetch(`https://storage.example${image?.path}`)),
 * };
 * ```
 */
export function imageGuard<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageGuardOptionsFor<Request, Source, ImageOf<Source>, Variant>,
): (request: Request, handler: GuardedHandler<ImageOf<Source>>) => Promise<Response> {
  return createFetchGuard(options) as never; // for the images of the schemes that the options name
}

/**
 * Creates an endpoint that signs URLs on request, for clients that have only the plain ones: one with `GET /sign?url=…`, up to
 * 100 with `POST /sign`. `authorize` decides for every image. The endpoint has no rate limit: put one in front.
 * @param options - a signer's options, or `{ signer }`; `authorize`, required here or in the signer; `path`, `origins`
 * @returns a function that answers a request. A request for another path goes to `next`, or gets `404`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @see https://developers.cloudflare.com/images/optimization/hosted-images/serve-private-images/
 * @example
 * ```ts
 * import { signingEndpoint } from 'image-signer/fetch';
 *
 * const endpoint = signingEndpoint({
 *   key: process.env.IMAGES_KEY,
 *   ttl: '15m',
 *   variants: ['card'],
 *   authorize: (image, request) => request.headers.has('cookie') && image.id.startsWith('shop/'),
 *   path: '/sign',
 * });
 * export default { fetch: (request: Request): Promise<Response> => endpoint(request, (other) => fetch(other)) };
 * ```
 */
export function signingEndpoint<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: SigningEndpointOptionsFor<Request, Source, ImageOf<Source>, Variant>,
): (request: Request, next?: (request: Request) => Response | Promise<Response>) => Promise<Response> {
  return createFetchEndpoint(options);
}
