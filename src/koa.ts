/** The entry point for Koa 2 and 3. */
import type {
  DefaultContext,
  DefaultState,
  Middleware as KoaMiddleware,
  ParameterizedContext,
  GuardedImages as RegisteredImages,
  ImageVariants as RegisteredVariants,
} from 'koa';
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
  RegisteredIn,
  Scheme,
  SignerOptionsFor,
  SigningEndpointOptionsFor,
  ViewHelpers,
} from './entry-types.ts';
import { createKoaEndpoint, createKoaGuard, createKoaMiddleware } from './node/koa/middleware.ts';
import { createNodeSigner, type Signer } from './node/middleware/signer.ts';

export * from './common.ts';
export type { Signer } from './node/middleware/signer.ts';

/** The context that `authorize` and `skip` receive, with everything that earlier middleware added. */
export type ViewerContext = ParameterizedContext<DefaultState, DefaultContext>;
/** The arguments of `skip`. */
type SkipArguments = [context: ViewerContext];

/** The options of `createSigner`, and of every factory without `scheme` or `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<ViewerContext, Variant> {}
/**
 * The options of `imageSigner`: a signer's options, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme (for a list, the union of its schemes), or the signer
 * @typeParam Image - the image that `authorize` receives if the options have neither
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<ViewerContext, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: a signer's options, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<ViewerContext, Source>;
/** The options of `signingEndpoint`: a signer's options, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<ViewerContext, Source>;

/** The types of the factories. The adapters use a smaller type of context, hence the casts. */
type Koa = Factories<ViewerContext, SkipArguments, KoaMiddleware>;

/**
 * Creates a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` accept as `{ signer }`.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 * @example
 * ```ts
 * import { createSigner } from 'image-signer/koa';
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
  options: SignerOptionsFor<ViewerContext, Variant, Known>,
): Signer<Variant, ImageOf<Known>> {
  return createNodeSigner(options);
}

/**
 * Types the options in an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them
 * unchanged; `imageSigner` checks them.
 * @example
 * ```ts
 * // image-signer.config.ts
 * import { defineConfig } from 'image-signer/koa';
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
 * Creates a middleware that signs the image URLs in a site's responses. Install it before the routes. It also adds
 * `ctx.signImage`, `ctx.signSrcset` and `ctx.signData`; views get the first two from `ctx.state`.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { imageSigner } from 'image-signer/koa';
 *
 * const app = new Koa();
 * app.use(imageSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] }));
 * ```
 */
export const imageSigner: Koa['imageSigner'] = (options) => createKoaMiddleware(options) as KoaMiddleware;

/**
 * Creates a middleware for a site that delivers images itself. It lets a request through if it has a valid token, or names an
 * always public variant, and sets `ctx.state.signedImage`. Others get `403`, or `404` if the path isn't a delivery URL. Install
 * it directly before the middleware that delivers the files.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import Koa from 'koa';
 * import mount from 'koa-mount';
 * import serve from 'koa-static';
 * import { createSigner, imageGuard } from 'image-signer/koa';
 *
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], delivery: '/images' });
 * const images = new Koa().use(imageGuard({ signer })).use(serve('images', { maxage: 86_400_000 }));
 * const app = new Koa();
 * app.use(mount('/images', images));
 * ```
 */
export const imageGuard: Koa['imageGuard'] = (options) => createKoaGuard(options) as KoaMiddleware;

/**
 * Creates an endpoint that signs URLs on request, for clients that have only the plain ones: one with `GET /sign?url=…`, up to
 * 100 with `POST /sign`. `authorize` decides for every image. The endpoint has no rate limit: put one in front.
 * @param options - a signer's options, or `{ signer }`; `authorize`, required here or in the signer; `path`, `origins`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { signingEndpoint } from 'image-signer/koa';
 *
 * const app = new Koa();
 * app.use(signingEndpoint({
 *   key: process.env.IMAGES_KEY,
 *   ttl: '15m',
 *   variants: ['card'],
 *   authorize: (image, ctx) => ctx.cookies.get('session') !== undefined && image.id.startsWith('shop/'),
 *   path: '/sign',
 * }));
 * ```
 */
export const signingEndpoint: Koa['signingEndpoint'] = (options) =>
  createKoaEndpoint(options) as KoaMiddleware;

/** The variants that helpers accept. */
type RegisteredVariant = RegisteredIn<RegisteredVariants>;

declare module 'koa' {
  /**
   * The app's variants. Declare them with `interface ImageVariants { thumb: true }`, and the helpers accept no others.
   */
  interface ImageVariants {}
  /**
   * The images behind the app's guard, if they are in another store than Cloudflare Images. Declare them with
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  /** The helpers of `imageSigner`. */
  interface DefaultContext extends Helpers<RegisteredVariant> {}
  /** The helpers in views, and the image that `imageGuard` verified. */
  interface DefaultState extends ViewHelpers<RegisteredVariant>, Guarded<RegisteredImages> {}
}
