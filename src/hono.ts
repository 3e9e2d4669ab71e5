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

/** The options of `createSigner`, and of each factory that is given neither `scheme` nor `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<Context, Variant> {}
/**
 * The options of `imageSigner`: those of a signer, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 * @typeParam Image - what `authorize` is asked about without both
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<Context, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: those of a signer, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<Context, Source>;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<Context, Source>;

/** What each factory takes and returns. The adapters know a context as far as they use it: hence the casts. */
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
): ImageSignerOptions<Variant, Source, ImageOf<Source>> {
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
export const imageSigner: Hono['imageSigner'] = (options) =>
  createHonoMiddleware(options) as MiddlewareHandler;

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
export const imageGuard: Hono['imageGuard'] = (options) => createHonoGuard(options) as MiddlewareHandler;

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
export const signingEndpoint: Hono['signingEndpoint'] = (options) =>
  createHonoEndpoint(options) as MiddlewareHandler;

declare module 'hono' {
  /**
   * The images that the app's guard lets through, where they are not those of Cloudflare Images. An app declares them here:
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  /** The helpers of `imageSigner`, and what `imageGuard` verified. */
  interface ContextVariableMap extends Helpers, Guarded<GuardedImages> {}
}
