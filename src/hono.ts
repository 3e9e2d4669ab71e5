/** The entry point for Hono, on Node.js, Bun, Deno and Workers. */
import type { Context, MiddlewareHandler } from 'hono';
import type {
  ByKey,
  ByScheme,
  CloudflareImages,
  DeliveryImage,
  EndpointOptions,
  EndpointSignedBy,
  GuardOptions,
  Helpers,
  ImageOf,
  ImageSource,
  MiddlewareOptionsFor,
  RegisteredImage,
  Scheme,
  SchemeImage,
  SchemeOptionsFor,
  SignedBy,
  SignerOptionsFor,
} from './entry-types.ts';
import type { SignedImage } from './guard/check.ts';
import { createPortableSigner, type Signer } from './signer/index.ts';
import { createHonoEndpoint, createHonoGuard, createHonoMiddleware } from './web/hono/middleware.ts';

export * from './common.ts';
export type { AnySigner, CloudflareImages } from './entry-types.ts';
export type { SignedImage } from './guard/check.ts';
export type { GuardOptions } from './options/factory-options.ts';
export type { Signer } from './signer/index.ts';

/** The arguments of `skip`. */
type SkipArguments = [context: Context];

/** The options of `createSigner`, and of each factory that is not given `{ signer }`. */
export interface SignerOptions<Variant extends string = string, Image = DeliveryImage>
  extends SignerOptionsFor<Context, Variant, Image> {}
/** The same options for another image store than Cloudflare Images, with a scheme of `image-signer/schemes`. */
export interface SchemeOptions<Image extends SchemeImage = SchemeImage>
  extends SchemeOptionsFor<Context, Image> {}
/** What `imageSigner` takes besides a signer's options. */
export interface MiddlewareOptions extends MiddlewareOptionsFor<SkipArguments> {}
/**
 * The options of `imageSigner`: those of a signer, or `{ signer }`, and `MiddlewareOptions`.
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 * @typeParam Image - what `authorize` is asked about without both
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = DeliveryImage,
> = SignedBy<SignerOptions<Variant, Image>, SchemeOptions<ImageOf<Source>>, Context, Variant, Source> &
  MiddlewareOptions;
/** What `defineConfig` returns: the options of `imageSigner`, with the names of the variants and the scheme that they hold. */
export type ImageSignerConfig<
  Variant extends string = string,
  Source extends ImageSource = CloudflareImages,
> = ImageSignerOptions<Variant, Source, ImageOf<Source>>;
/** The options of `imageGuard`: those of a signer, or `{ signer }`, and `GuardOptions`. */
export type ImageGuardOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = DeliveryImage,
> = SignedBy<SignerOptions<Variant, Image>, SchemeOptions<ImageOf<Source>>, Context, Variant, Source> &
  GuardOptions<Image>;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`, with `authorize`, and `EndpointOptions`. */
export type SigningEndpointOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = DeliveryImage,
> = EndpointSignedBy<Context, Variant, Source, Image> & EndpointOptions;

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
  options:
    | (SignerOptions<Variant, ImageOf<Known>> & ByKey)
    | (SchemeOptions<ImageOf<Known>> & ByScheme<Known, Variant>),
): Signer<Variant, ImageOf<Known>> {
  return createPortableSigner(options);
}

/**
 * Types the options of an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them as they
 * are: `imageSigner` checks them.
 * @example
 * ```ts
 * // image-signer.config.ts
 * import { defineConfig } from 'image-signer/hono';
 *
 * export default defineConfig({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] });
 * ```
 */
export function defineConfig<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageSignerOptions<Variant, Source, ImageOf<Source>>,
): ImageSignerConfig<Variant, Source> {
  return options;
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
export function imageSigner<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageSignerOptions<Variant, Source, ImageOf<Source>>,
): MiddlewareHandler {
  return createHonoMiddleware(options) as MiddlewareHandler; // over the same context, as far as it is used
}

/**
 * Guards the images that a site delivers itself. It lets requests with a valid token pass, and requests for always public
 * variants; others get `403`, or `404` where the path is no delivery URL. Handlers find the verification as
 * `c.get('signedImage')`.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * app.use('/images/*', imageGuard({ signer }));
 * app.get('/images/*', (c) => fetch(`https://storage.example${c.get('signedImage')?.path}`));
 * ```
 */
export function imageGuard<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: ImageGuardOptions<Variant, Source, ImageOf<Source>>,
): MiddlewareHandler {
  return createHonoGuard(options) as MiddlewareHandler; // over the same context, as far as it is used
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
export function signingEndpoint<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  options: SigningEndpointOptions<Variant, Source, ImageOf<Source>>,
): MiddlewareHandler {
  return createHonoEndpoint(options) as MiddlewareHandler; // over the same context, as far as it is used
}

declare module 'hono' {
  /**
   * The images that the app's guard lets through, where they are not those of Cloudflare Images. An app declares them here:
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  interface ContextVariableMap extends Helpers {
    /** Set by `imageGuard` for a request that it has let through. */
    signedImage?: SignedImage<RegisteredImage<GuardedImages>> | undefined;
  }
}
