/** The entry point for Fastify 5: plugins, typed over Fastify's own types. */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import type {
  AnySigner,
  CloudflareImages,
  CloudflareOptionsFor,
  Guarded,
  Helpers,
  ImageGuardOptionsFor,
  ImageOf,
  ImageSignerOptionsFor,
  ImageSource,
  Scheme,
  SchemeImage,
  SignerOptionsFor,
  SigningEndpointOptionsFor,
} from './entry-types.ts';
import { signingEndpointPlugin } from './node/fastify/endpoint.ts';
import { imageGuardPlugin } from './node/fastify/guard.ts';
import { imageSignerPlugin } from './node/fastify/plugin.ts';
import { createNodeSigner, type Signer } from './node/middleware/signer.ts';

export * from './common.ts';
export type { Signer } from './node/middleware/signer.ts';

/** The arguments of `skip`. */
type SkipArguments = [request: FastifyRequest, reply: FastifyReply];

/**
 * The image that a plugin's `authorize` receives. Plugins have no type parameters, so members that only some schemes have are
 * optional here. Images of Cloudflare Images always have them.
 */
export interface AnyImage extends SchemeImage {
  /** The account of the image, at Cloudflare Images. */
  readonly accountHash?: string;
  /** The name of the variant, at Cloudflare Images. */
  readonly variant?: string;
}
/** Any scheme or signer. */
type AnySource = Scheme<AnyImage> | AnySigner<AnyImage>;

/** The options of `createSigner`, and of every plugin without `scheme` or `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<FastifyRequest, Variant> {}
/**
 * The options of `imageSigner`: a signer's options, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme (for a list, the union of its schemes), or the signer
 */
export type ImageSignerOptions<Variant extends string = string, Source = AnySource> = ImageSignerOptionsFor<
  FastifyRequest,
  SkipArguments,
  Variant,
  Source,
  ImageOf<Source>
>;
/** The options of `imageGuard`: a signer's options, or `{ signer }`, how it guards, and `prefix`. */
export type ImageGuardOptions<Source = AnySource> = ImageGuardOptionsFor<
  FastifyRequest,
  Source,
  ImageOf<Source>
> & {
  /**
   * The path to guard, with everything below it.
   * @default every route of the scope that registers the plugin
   */
  readonly prefix?: string;
};
/** The options of `signingEndpoint`: a signer's options, or `{ signer }`, with `authorize`, `origins` and `prefix`. */
export type SigningEndpointOptions<Source = AnySource> = SigningEndpointOptionsFor<
  FastifyRequest,
  Source,
  ImageOf<Source>
> & {
  /**
   * The path of the endpoint, such as `'/sign'`.
   * @default the root of the scope that registers the plugin
   */
  readonly prefix?: string;
  /** Use `prefix` instead. */
  readonly path?: never;
};

/**
 * Creates a signer, for code that signs without a request.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 * @example
 * ```ts
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * signer.signImage('https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb');
 * ```
 */
export function createSigner<const Variant extends string, Known extends Scheme = CloudflareImages>(
  options: SignerOptionsFor<FastifyRequest, Variant, Known>,
): Signer<Variant, ImageOf<Known>> {
  return createNodeSigner(options);
}

/**
 * Types the options in an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them
 * unchanged; `imageSigner` checks them.
 * @example
 * ```ts
 * // image-signer.config.ts
 * import { defineConfig } from 'image-signer/fastify';
 *
 * export default defineConfig({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * ```
 */
export function defineConfig<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageSignerOptions<Variant, Source>,
): ImageSignerOptions<Variant, Source> {
  return options;
}

/**
 * Signs the image URLs in a site's responses. Handlers call `request.signImage`, `request.signSrcset` and `request.signData`; views
 * find the first two in `reply.locals`. With a wrong option, the app's start fails with `ImageSignerError`.
 * @example
 * ```ts
 * app.register(imageSigner, { key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * ```
 */
export const imageSigner: FastifyPluginCallback<ImageSignerOptions> = imageSignerPlugin as never; // over the same types

/**
 * Lets only requests through that have a valid token, or name an always public variant. Handlers find the verified image in
 * `request.signedImage`.
 * @example
 * ```ts
 * app.register(imageGuard, { signer, prefix: '/images' });
 * app.get('/images/*', (request) => request.signedImage?.image.id);
 * ```
 */
export const imageGuard: FastifyPluginCallback<ImageGuardOptions> = imageGuardPlugin as never; // as above

/**
 * Signs URLs on request if `authorize` allows it.
 * @example
 * ```ts
 * app.register(signingEndpoint, {
 *   signer,
 *   prefix: '/sign',
 *   authorize: async (image, request) => (await imagesOf(request.headers.authorization)).has(image.id),
 * });
 * ```
 */
export const signingEndpoint: FastifyPluginCallback<SigningEndpointOptions> = signingEndpointPlugin as never; // as above

declare module 'fastify' {
  /**
   * The images behind the app's guard, if they are in another store than Cloudflare Images. Declare them with
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  interface FastifyRequest extends Helpers, Guarded<GuardedImages> {}
}
