/**
 * The entry point for Koa 2 and 3. It adds types over Koa's own, and no behaviour.
 * Longer than most files: most of it is documentation, which editors show.
 */
import type {
  DefaultContext,
  DefaultState,
  Middleware as KoaMiddleware,
  ParameterizedContext,
  ImageVariants as RegisteredVariants,
} from 'koa';
import { createKoaEndpoint } from './adapters/koa/endpoint.ts';
import { createKoaGuard } from './adapters/koa/guard.ts';
import { createKoaMiddleware } from './adapters/koa/middleware.ts';
import { createNodeSigner, type Signer } from './adapters/node/signer.ts';
import type { SignedImage } from './guard/check.ts';
import type {
  AnySignerOptions,
  DeliveryImage,
  EndpointOptions,
  GuardOptions,
  HelperOptions,
  MiddlewareOptionsFor,
  SchemeImage,
  SchemeOptionsFor,
  SignerOptionsFor,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import type { MatchedImage } from './schemes/definition.ts';
import type { Candidates, Signer as PortableSigner } from './signer/index.ts';

export type { Signer } from './adapters/node/signer.ts';
export * from './common.ts';
export type { SignedImage } from './guard/check.ts';
export type { GuardOptions } from './options/types.ts';

/**
 * The context that `authorize` and `skip` are called with, with what earlier middleware has put on it.
 * @example
 * ```ts
 * const isSignedIn = (ctx: ViewerContext): boolean => ctx.cookies.get('session') !== undefined;
 * ```
 */
export type ViewerContext = ParameterizedContext<DefaultState, DefaultContext>;

/**
 * What `createSigner` takes, and the factories where they are not given a signer.
 * @example
 * ```ts
 * const options: SignerOptions = { key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] };
 * app.use(imageSigner(options));
 * ```
 */
export interface SignerOptions<Variant extends string = string>
  extends SignerOptionsFor<ViewerContext, Variant> {}

/**
 * The same for other image stores than Cloudflare Images, by a scheme of `image-signer/schemes`.
 * @example
 * ```ts
 * const files = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * const options: SchemeOptions = { scheme: files, ttl: '1d' };
 * ```
 */
export interface SchemeOptions<Image extends MatchedImage = MatchedImage>
  extends SchemeOptionsFor<ViewerContext, Image> {}

/**
 * What `imageSigner` takes besides a signer's options.
 * @example
 * ```ts
 * const options: MiddlewareOptions = { rewrite: { json: true }, skip: (ctx) => ctx.path.startsWith('/admin') };
 * app.use(imageSigner({ signer, ...options }));
 * ```
 */
export interface MiddlewareOptions extends MiddlewareOptionsFor<[context: ViewerContext]> {}

/**
 * What `imageSigner` takes: the options of a signer, or `{ signer }`, and `MiddlewareOptions`. Beside `signer`,
 * `authorize`, `deniedVariant` and `report` take the place of the signer's own.
 * @example
 * ```ts
 * const options: ImageSignerOptions = { signer, rewrite: { json: true } };
 * app.use(imageSigner(options));
 * ```
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithSigner<PortableSigner<never>, ViewerContext, Variant, Image, Asked> & MiddlewareOptions;
/**
 * What `imageGuard` takes: the options of a signer, or `{ signer }`, and `GuardOptions`.
 * @example
 * ```ts
 * const options: ImageGuardOptions = { signer, mode: 'report', report: (event) => console.warn(event) };
 * app.use(mount('/images', imageGuard(options)));
 * ```
 */
export type ImageGuardOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithSigner<PortableSigner<never>, ViewerContext, Variant, Image, Asked> & GuardOptions;
/**
 * What `signingEndpoint` takes: the options of a signer, or `{ signer }`, and `EndpointOptions`. `authorize` is required,
 * in the options or in the signer.
 * @example
 * ```ts
 * const options: SigningEndpointOptions = { signer, authorize: async (image, ctx) => (await imagesOf(ctx)).has(image.id) };
 * app.use(mount('/sign', signingEndpoint(options)));
 * ```
 */
export type SigningEndpointOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithEndpointSigner<PortableSigner<never>, ViewerContext, Variant, Image, Asked> & EndpointOptions;

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
export function createSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: AnySignerOptions<ViewerContext, Variant, Image, SchemeImage<Image>>,
): Signer<Variant> {
  return createNodeSigner(options);
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
export function imageSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: ImageSignerOptions<Variant, Image, SchemeImage<Image>>,
): KoaMiddleware {
  return createKoaMiddleware(options) as KoaMiddleware; // over the same context, as far as it is used
}

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
export function imageGuard<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: ImageGuardOptions<Variant, Image, SchemeImage<Image>>,
): KoaMiddleware {
  return createKoaGuard(options) as KoaMiddleware; // over the same context, as far as it is used
}

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
export function signingEndpoint<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: SigningEndpointOptions<Variant, Image, SchemeImage<Image>>,
): KoaMiddleware {
  return createKoaEndpoint(options) as KoaMiddleware; // over the same context, as far as it is used
}

/** The variants that an app has registered; any name as long as it has registered none. */
type RegisteredVariant = [keyof RegisteredVariants] extends [never]
  ? string
  : keyof RegisteredVariants & string;

/** What the middleware adds to each context. */
interface Helpers {
  /**
   * Signs one image, as `signImage` of a signer does. The URL stays as it is where the page contains it.
   * @throws ImageSignerError NOT_A_DELIVERY_URL, ACCOUNT_NOT_ALLOWED, ACCOUNT_REQUIRED, VARIANT_REQUIRED,
   *   VARIANT_NOT_ALLOWED, INVALID_OPTION
   * @example
   * ```ts
   * app.use((ctx) => void (ctx.body = { url: ctx.signImage('photo-1', 'thumb', { ttl: '5m' }) }));
   * ```
   */
  signImage(image: string, variant?: RegisteredVariant | HelperOptions, options?: HelperOptions): string;
  /**
   * Signs one image in several variants, for a `srcset`.
   * @throws ImageSignerError as `signImage`
   * @example
   * ```ts
   * app.use((ctx) => void (ctx.body = { srcset: ctx.signSrcset('photo-1', { thumb: '1x', card: '2x' }) }));
   * ```
   */
  signSrcset(image: string, candidates?: Candidates<RegisteredVariant>, options?: HelperOptions): string;
}

declare module 'koa' {
  /**
   * The names of the app's variants. An app that declares them here, `interface ImageVariants { thumb: true }`, gets
   * helpers that take no others.
   */
  interface ImageVariants {}
  /** The helpers of `imageSigner`. */
  interface DefaultContext extends Helpers {}
  /** The helpers in views, and what `imageGuard` verified. */
  interface DefaultState {
    /** Signs one image in a view. Data that cannot be signed comes back as it is; mistakes of the template throw. */
    signImage?:
      | ((image: unknown, variant?: RegisteredVariant | HelperOptions, options?: HelperOptions) => unknown)
      | undefined;
    /** Signs one image in several variants in a view. Data that cannot be signed comes back as it is. */
    signSrcset?:
      | ((image: unknown, candidates?: Candidates<RegisteredVariant>, options?: HelperOptions) => unknown)
      | undefined;
    /** The verification of this request's URL, where `imageGuard` let it pass. */
    signedImage?: SignedImage | undefined;
  }
}
