/** The root entry point: Express 4 and 5, Connect, bare `node:http`, and code without a framework. */
import type { IncomingMessage, ServerResponse } from 'node:http';
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
import { createEndpoint } from './node/middleware/endpoint.ts';
import { createGuard } from './node/middleware/guard.ts';
import { createMiddleware } from './node/middleware/middleware.ts';
import { createNodeSigner, type Signer } from './node/middleware/signer.ts';

export * from './common.ts';
export type { Signer } from './node/middleware/signer.ts';

/**
 * The request that `authorize` and `skip` receive, with everything that earlier middleware added. In Express, it is Express's
 * request.
 */
export type ViewerRequest = IncomingMessage & Express.Request;
/** The arguments of `skip`. */
type SkipArguments = [request: ViewerRequest, response: ServerResponse];

/** What `imageSigner` and `imageGuard` return, for Express, Connect and bare servers. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;
/**
 * What `signingEndpoint` returns: a middleware, or a request listener for a bare server. Without `next`, requests that are not
 * for the endpoint get `404`.
 */
export type Endpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** The options of `createSigner`, and of every factory without `scheme` or `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<ViewerRequest, Variant> {}
/**
 * The options of `imageSigner`: a signer's options, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme (for a list, the union of its schemes), or the signer
 * @typeParam Image - the image that `authorize` receives if the options have neither
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<ViewerRequest, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: a signer's options, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<ViewerRequest, Source>;
/** The options of `signingEndpoint`: a signer's options, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<ViewerRequest, Source>;

/** The types of the factories. */
type ExpressFactories = Factories<ViewerRequest, SkipArguments, Middleware, Endpoint>;

/**
 * Creates a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` accept as `{ signer }`.
 * @throws ImageSignerError INVALID_OPTION, with `option`, for the first option that is wrong
 * @example
 * ```ts
 * import { createSigner } from 'image-signer';
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
  options: SignerOptionsFor<ViewerRequest, Variant, Known>,
): Signer<Variant, ImageOf<Known>> {
  return createNodeSigner(options);
}

/**
 * Types the options in an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them
 * unchanged; `imageSigner` checks them.
 * @example
 * ```ts
 * // image-signer.config.ts
 * import { defineConfig } from 'image-signer';
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
 * `req.signImage`, `req.signSrcset` and `req.signData`; views get the first two.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import express from 'express';
 * import { imageSigner } from 'image-signer';
 *
 * const app = express();
 * app.use(imageSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] }));
 * ```
 */
export const imageSigner: ExpressFactories['imageSigner'] = (options) => createMiddleware(options);

/**
 * Creates a middleware for a site that delivers images itself. It lets a request through if it has a valid token, or names an
 * always public variant, and sets `req.signedImage`. Others get `403`, or `404` if the path isn't a delivery URL. Install it
 * directly before the middleware that delivers the files.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import express from 'express';
 * import { createSigner, imageGuard } from 'image-signer';
 *
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'], delivery: '/images' });
 * const app = express();
 * app.use('/images', imageGuard({ signer }), express.static('images', { cacheControl: false, redirect: false }));
 * ```
 */
export const imageGuard: ExpressFactories['imageGuard'] = (options) => createGuard(options);

/**
 * Creates an endpoint that signs URLs on request, for clients that have only the plain ones: one with `GET /sign?url=…`, up to
 * 100 with `POST /sign`. `authorize` decides for every image. The endpoint has no rate limit: put one in front.
 * @param options - a signer's options, or `{ signer }`; `authorize`, required here or in the signer; `path`, `origins`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * import express from 'express';
 * import { signingEndpoint } from 'image-signer';
 *
 * const app = express();
 * app.use('/sign', signingEndpoint({
 *   key: process.env.IMAGES_KEY,
 *   ttl: '15m',
 *   variants: ['card'],
 *   authorize: (image, req) => req.headers.cookie !== undefined && image.id.startsWith('shop/'),
 * }));
 * ```
 */
export const signingEndpoint: ExpressFactories['signingEndpoint'] = (options) => createEndpoint(options);

/** The variants that helpers accept. */
type RegisteredVariant = RegisteredIn<Express.ImageVariants>;

declare global {
  namespace Express {
    /**
     * The app's variants. Declare them with `interface ImageVariants { thumb: true }`, and the helpers accept no others.
     */
    interface ImageVariants {}
    /**
     * The images behind the app's guard, if they are in another store than Cloudflare Images. Declare them with
     * `interface GuardedImages { files: SchemeImage<'bunny'> }`.
     */
    interface GuardedImages {}
    /** The helpers of `imageSigner`, and the image that `imageGuard` verified. */
    interface Request extends Helpers<RegisteredVariant>, Guarded<Express.GuardedImages> {}
    /** The helpers in views. */
    interface Locals extends ViewHelpers<RegisteredVariant> {}
  }
}
