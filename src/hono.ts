/** The entry point for Hono, on Node.js, Bun, Deno and Workers: types over Hono's own. */
import type { Context, MiddlewareHandler } from 'hono';
import { createHonoEndpoint } from './adapters/hono/endpoint.ts';
import { createHonoMiddleware } from './adapters/hono/middleware.ts';
import type {
  AnySignerOptions,
  DeliveryImage,
  EndpointOptions,
  HelperOptions,
  MiddlewareOptionsFor,
  SchemeImage,
  SchemeOptionsFor,
  SignerOptionsFor,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import type { MatchedImage } from './schemes/definition.ts';
import { type Candidates, createPortableSigner, type Signer } from './signer/index.ts';

export * from './common.ts';
export type { Signer } from './signer/index.ts';

/** The options of `createSigner`, and of every factory that is not given `{ signer }`. */
export interface SignerOptions<Variant extends string = string> extends SignerOptionsFor<Context, Variant> {}

/**
 * The same for other image stores than Cloudflare Images, by a scheme of `image-signer/schemes`.
 * @example
 * ```ts
 * const files = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * const options: SchemeOptions = { scheme: files, ttl: '1d' };
 * ```
 */
export interface SchemeOptions<Image extends MatchedImage = MatchedImage>
  extends SchemeOptionsFor<Context, Image> {}

/** The further options of `imageSigner`. */
export interface MiddlewareOptions extends MiddlewareOptionsFor<[context: Context]> {}

/** The options of `imageSigner`: those of a signer, or `{ signer }`. */
export type ImageSignerOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithSigner<Signer<never>, Context, Variant, Image, Asked> & MiddlewareOptions;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`; with `authorize`. */
export type SigningEndpointOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithEndpointSigner<Signer<never>, Context, Variant, Image, Asked> & EndpointOptions;

/**
 * Creates a signer, for code that signs without a request.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * signer.signImage('https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb');
 * ```
 */
export function createSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: AnySignerOptions<Context, Variant, Image, SchemeImage<Image>>,
): Signer<Variant> {
  return createPortableSigner(options);
}

/**
 * Signs the image URLs of a whole site on the way out. Handlers find the helpers as `c.get('signImage')` and
 * `c.get('signSrcset')`; `authorize` and `skip` are called with the context.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * app.use(imageSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] }));
 * ```
 */
export function imageSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: ImageSignerOptions<Variant, Image, SchemeImage<Image>>,
): MiddlewareHandler {
  return createHonoMiddleware(options) as MiddlewareHandler; // over the same context, as far as it is used
}

/**
 * Signs image URLs on demand, if `authorize` says so. Hono does not take a path off, so `path` names the endpoint's.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * app.use(
 *   signingEndpoint({
 *     signer,
 *     path: '/sign',
 *     authorize: async (image, c) => (await imagesOf(c.req.header('authorization'))).has(image.id),
 *   }),
 * );
 * ```
 */
export function signingEndpoint<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: SigningEndpointOptions<Variant, Image, SchemeImage<Image>>,
): MiddlewareHandler {
  return createHonoEndpoint(options) as MiddlewareHandler; // over the same context, as far as it is used
}

declare module 'hono' {
  interface ContextVariableMap {
    /** Signs one image; throws `ImageSignerError`. */
    signImage: (image: string, variant?: string | HelperOptions, options?: HelperOptions) => string;
    /** Signs one image in several variants, for a `srcset`; throws `ImageSignerError`. */
    signSrcset: (image: string, candidates?: Candidates, options?: HelperOptions) => string;
  }
}
