/** The entry point for Hono, on Node.js, Bun, Deno and Workers. */
import type { Context, MiddlewareHandler } from 'hono';
import type {
  CloudflareImages,
  CloudflareOptionsFor,
  Factories,
  Guarded,
  Helpers,
  ImageByKey,
  ImageGuardOptionsFor,
  ImageOf,
  ImageSignerOptionsFor,
  ImageSource,
  Scheme,
  SignerOptionsFor,
  SigningEndpointOptionsFor,
} from './entry-types.ts';
import { createPortableSigner, type Signer } from './signer/index.ts';
import { createHonoEndpoint, createHonoGuard, createHonoMiddleware } from './web/hono/middleware.ts';

export * from './common.ts';
export type { Signer } from './signer/index.ts';

/** The arguments of `skip`. */
type SkipArguments = [context: Context];

/** The options of `createSigner`, and of every factory without `scheme` or `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<Context, Variant> {}
/**
 * The options of `imageSigner`: a signer's options, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme (for a list, the union of its schemes), or the signer
 * @typeParam Image - the image that `authorize` receives if the options have neither
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<Context, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: a signer's options, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<Context, Source>;
/** The options of `signingEndpoint`: a signer's options, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<Context, Source>;

/** The types of the factories. The adapters use a smaller type of context, hence the casts. */
type Hono = Factories<Context, SkipArguments, MiddlewareHandler>;

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
  options: SignerOptionsFor<Context, Variant, Known>,
): Signer<Variant, ImageOf<Known>> {
  return createPortableSigner(options);
}

/**
 * Types the options in an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them
 * unchanged; `imageSigner` checks them.
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
): ImageSignerOptions<Variant, Source, ImageOf<Source>> {
  return options;
}

/**
 * Creates a middleware that signs the image URLs in a site's responses. Handlers call the helpers as `c.get('signImage')`,
 * `c.get('signSrcset')` and `c.get('signData')`. `authorize` and `skip` receive the context.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * app.use(imageSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] }));
 * ```
 */
export const imageSigner: Hono['imageSigner'] = (options) =>
  createHonoMiddleware(options) as MiddlewareHandler;

/**
 * Creates a middleware for a site that delivers images itself. It lets a request through if it has a valid token, or names an
 * always public variant. Others get `403`, or `404` if the path isn't a delivery URL. Handlers find the verified image with
 * `c.get('signedImage')`.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * app.use('/images/*', imageGuard({ signer }));
 * app.get('/images/*', (c) => fetch(`https://storage.example${c.get('signedImage')?.path}`));
 * ```
 */
export const imageGuard: Hono['imageGuard'] = (options) => createHonoGuard(options) as MiddlewareHandler;

/**
 * Creates an endpoint that signs URLs on request if `authorize` allows it. Set `path`: Hono does not remove the mount path.
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
export const signingEndpoint: Hono['signingEndpoint'] = (options) =>
  createHonoEndpoint(options) as MiddlewareHandler;

declare module 'hono' {
  /**
   * The images behind the app's guard, if they are in another store than Cloudflare Images. Declare them with
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  /** The helpers of `imageSigner`, and the image that `imageGuard` verified. */
  interface ContextVariableMap extends Helpers, Guarded<GuardedImages> {}
}
