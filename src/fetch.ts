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
/** The options of `createSigner`, and of each factory that is given neither `scheme` nor `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<Request, Variant> {}
/**
 * The options of `imageSigner`: those of a signer, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 * @typeParam Image - what `authorize` is asked about without both
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<Request, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: those of a signer, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<Request, Source>;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<Request, Source>;

/** The second argument of a handler. Both functions are tied to the response that it returns, and throw `ImageSignerError`. */
export interface FetchHelpers<Variant extends string = string> extends Helpers<Variant> {}
/**
 * What answers a request: a site's own handler, or `fetch` itself for an origin behind a Worker. Pass on the request that
 * it is called with: conditional headers may have been removed from it.
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
 * Makes a signer out of options. It checks them all, and throws for the first that is wrong.
 * @returns a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` take as `{ signer }`
 * @throws ImageSignerError INVALID_OPTION, with `option`
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
 * Types the options of an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them as they
 * are: `imageSigner` checks them.
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
 * Makes a function that signs the image URLs in a site's responses as they go out: in a Worker, Hono, Bun or Deno.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @returns calls the handler with the request, and returns its response, with what the option `rewrite` names signed
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
 * What answers a request that the guard has let through.
 * @typeParam Image - what the guard's schemes find
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
 * Makes a guard for a site that delivers images itself. It lets requests with a valid token pass, and requests for always
 * public variants; others get `403`, or `404` where the path is no delivery URL. It decides by the path of `request.url`,
 * whatever its host. Call it for the paths of the images alone.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @returns calls the handler with the request and the verification of its URL, which is undefined for what `mode:
 *   'report'` lets pass; and limits how long caches keep the response
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
 * Makes an endpoint that signs URLs on demand, for clients that have plain ones: one by `GET /sign?url=…`, up to 100 by
 * `POST /sign`. `authorize` decides for each image. It limits no rates: put a rate limit before it.
 * @param options - a signer's options, or `{ signer }`; `authorize`, required here or in the signer; `path`, `origins`
 * @returns answers a request; a request for another path goes to `next`, or gets `404`
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
