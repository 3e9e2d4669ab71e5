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
 * The request that `authorize` and `skip` are called with: the app's own, with what earlier middleware has put on it.
 * Under Express it is the request of Express.
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
 * What `signingEndpoint` returns: a middleware, or the request listener of a bare server. Without `next`, requests that
 * are not for the endpoint get `404`.
 */
export type Endpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/** The options of `createSigner`, and of each factory that is given neither `scheme` nor `signer`. */
export interface SignerOptions<Variant extends string = string>
  extends CloudflareOptionsFor<ViewerRequest, Variant> {}
/**
 * The options of `imageSigner`: those of a signer, or `{ signer }`, and what is rewritten.
 * @typeParam Source - the scheme, or the union of those in a list; or the signer
 * @typeParam Image - what `authorize` is asked about without both
 */
export type ImageSignerOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = ImageSignerOptionsFor<ViewerRequest, SkipArguments, Variant, Source, Image>;
/** The options of `imageGuard`: those of a signer, or `{ signer }`, and how it guards. */
export type ImageGuardOptions<Source = ImageSource> = ImageGuardOptionsFor<ViewerRequest, Source>;
/** The options of `signingEndpoint`: those of a signer, or `{ signer }`, with `authorize`, and where it answers. */
export type SigningEndpointOptions<Source = ImageSource> = SigningEndpointOptionsFor<ViewerRequest, Source>;

/** What each factory takes and returns. */
type ExpressFactories = Factories<ViewerRequest, SkipArguments, Middleware, Endpoint>;

/**
 * Makes a signer out of options. It checks them all, and throws for the first that is wrong.
 * @returns a signer, which `imageSigner`, `imageGuard` and `signingEndpoint` take as `{ signer }`
 * @throws ImageSignerError INVALID_OPTION, with `option`
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
 * Types the options of an `image-signer.config.mjs` or `.ts`, which the app imports and the command reads. It returns them as they
 * are: `imageSigner` checks them.
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
 * Makes a middleware that signs the image URLs in a site's responses as they go out. Install it before the routes. It
 * adds `req.signImage` and `req.signSrcset`, adds both to the data of views, and rewrites what the option `rewrite` names.
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
 * Makes a middleware for a site that delivers images itself. It lets requests with a valid token pass, and requests for
 * always public variants; others get `403`, or `404` where the path is no delivery URL. `req.signedImage` is the
 * verification of a request that passes. Install it right before what delivers the files.
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
 * Makes an endpoint that signs URLs on demand, for clients that have plain ones: one by `GET /sign?url=…`, up to 100 by
 * `POST /sign`. `authorize` decides for each image. It limits no rates: put a rate limit before it.
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

/** What helpers take as a variant. */
type RegisteredVariant = RegisteredIn<Express.ImageVariants>;

declare global {
  namespace Express {
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
    /** The helpers of `imageSigner`, and what `imageGuard` verified. */
    interface Request extends Helpers<RegisteredVariant>, Guarded<Express.GuardedImages> {}
    /** The helpers in views. */
    interface Locals extends ViewHelpers<RegisteredVariant> {}
  }
}
