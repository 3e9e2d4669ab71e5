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

/** The context that `authorize` and `skip` are called with, with what earlier middleware has put on it. */
export type ViewerContext = ParameterizedContext<DefaultState, DefaultContext>;
/** The arguments of `skip`. */
type SkipArguments = [context: ViewerContext];

/** The options of `createSigner`, and of each factory that is given neither `scheme` nor `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<ViewerContext, Variant> {}
/**
 * The options of `imageSigner`: those of a signer, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 * @typeParam Image - what `authorize` is asked about without both
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<ViewerContext, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: those of a signer, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<ViewerContext, Source>;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<ViewerContext, Source>;

/** What each factory takes and returns. The adapters know a context as far as they use it: hence the casts. */
type Koa = Factories<ViewerContext, SkipArguments, KoaMiddleware>;

/**
 * Makes a signer out of options. It checks them all, and throws for the first that is wrong.
 * @returns a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` take as `{ signer }`
 * @throws ImageSignerError INVALID_OPTION, with `option`
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
 * Types the options of an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them as they
 * are: `imageSigner` checks them.
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
 * Makes a middleware that signs the image URLs in a site's responses as they go out. Install it before the routes. It
 * adds `ctx.signImage` and `ctx.signSrcset`, adds both to `ctx.state` for views, and rewrites what the option `rewrite`
 * names.
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
 * Makes a middleware for a site that delivers images itself. It lets requests with a valid token pass, and requests for
 * always public variants; others get `403`, or `404` where the path is no delivery URL. `ctx.state.signedImage` is the
 * verification of a request that passes. Install it right before what delivers the files.
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
 * Makes an endpoint that signs URLs on demand, for clients that have plain ones: one by `GET /sign?url=…`, up to 100 by
 * `POST /sign`. `authorize` decides for each image. It limits no rates: put a rate limit before it.
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

/** What helpers take as a variant. */
type RegisteredVariant = RegisteredIn<RegisteredVariants>;

declare module 'koa' {
  /**
   * The names of the app's variants. An app that declares them here, `interface ImageVariants { thumb: true }`, gets
   * helpers that take no others.
   */
  interface ImageVariants {}
  /**
   * The images that the app's guard lets through, where they are not those of Cloudflare Images. An app declares them here:
   * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
   */
  interface GuardedImages {}
  /** The helpers of `imageSigner`. */
  interface DefaultContext extends Helpers<RegisteredVariant> {}
  /** The helpers in views, and what `imageGuard` verified. */
  interface DefaultState extends ViewHelpers<RegisteredVariant>, Guarded<RegisteredImages> {}
}
