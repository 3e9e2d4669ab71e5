/**
 * The root entry point: Express 4 and 5, Connect, bare `node:http`, and code without a framework. It adds types over
 * `node:http`, and no behaviour.
 * Longer than most files: most of it is documentation, which editors show.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createEndpoint } from './adapters/node/endpoint.ts';
import { createGuard } from './adapters/node/guard.ts';
import { createMiddleware } from './adapters/node/middleware.ts';
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
export type { Explanation, FailureCode, Finding, FindingCode, HintCode } from './diagnosis/explanation.ts';
export type { SignedImage } from './guard/check.ts';
export type { GuardOptions } from './options/types.ts';

/**
 * The request that `authorize` and `skip` are called with: the app's own, with what earlier middleware has put on it.
 * Under Express it is the request of Express.
 * @example
 * ```ts
 * const isSignedIn = (req: ViewerRequest): boolean => req.headers.cookie !== undefined;
 * ```
 */
export type ViewerRequest = IncomingMessage & Express.Request;

/**
 * What `createSigner` takes, and the factories where they are not given a signer.
 * @example
 * ```ts
 * const options: SignerOptions = { key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb', 'card'] };
 * app.use(imageSigner(options));
 * ```
 */
export interface SignerOptions<Variant extends string = string>
  extends SignerOptionsFor<ViewerRequest, Variant> {}

/**
 * The same for other image stores than Cloudflare Images, by a scheme of `image-signer/schemes`.
 * @example
 * ```ts
 * const files = bunny({ url: 'https://shop.b-cdn.net', key: process.env.BUNNY_KEY, prefixes: 'uploads/' });
 * const options: SchemeOptions = { scheme: files, ttl: '1d' };
 * ```
 */
export interface SchemeOptions<Image extends MatchedImage = MatchedImage>
  extends SchemeOptionsFor<ViewerRequest, Image> {}

/**
 * What `imageSigner` takes besides a signer's options.
 * @example
 * ```ts
 * const options: MiddlewareOptions = { rewrite: { json: true }, skip: (req, res) => res.statusCode >= 500 };
 * app.use(imageSigner({ signer, ...options }));
 * ```
 */
export interface MiddlewareOptions
  extends MiddlewareOptionsFor<[request: ViewerRequest, response: ServerResponse]> {}

/**
 * What `imageSigner` and `imageGuard` return, for Express, Connect and bare servers.
 * @example
 * ```ts
 * const sign: Middleware = imageSigner({ signer });
 * createServer((request, response) => sign(request, response, () => response.end()));
 * ```
 */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * What `signingEndpoint` returns: a middleware, or the request listener of a bare server. Without `next`, requests that
 * are not for the endpoint get `404`.
 * @example
 * ```ts
 * const endpoint: Endpoint = signingEndpoint({ signer, authorize: () => true, path: '/sign' });
 * createServer(endpoint);
 * ```
 */
export type Endpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

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
> = WithSigner<PortableSigner<never>, ViewerRequest, Variant, Image, Asked> & MiddlewareOptions;
/**
 * What `imageGuard` takes: the options of a signer, or `{ signer }`, and `GuardOptions`.
 * @example
 * ```ts
 * const options: ImageGuardOptions = { signer, mode: 'report', report: (event) => console.warn(event) };
 * app.use('/images', imageGuard(options));
 * ```
 */
export type ImageGuardOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithSigner<PortableSigner<never>, ViewerRequest, Variant, Image, Asked> & GuardOptions;
/**
 * What `signingEndpoint` takes: the options of a signer, or `{ signer }`, and `EndpointOptions`. `authorize` is required,
 * in the options or in the signer.
 * @example
 * ```ts
 * const options: SigningEndpointOptions = { signer, authorize: async (image, req) => (await imagesOf(req)).has(image.id) };
 * app.use('/sign', signingEndpoint(options));
 * ```
 */
export type SigningEndpointOptions<
  Variant extends string = string,
  Image extends MatchedImage = MatchedImage,
  Asked = DeliveryImage,
> = WithEndpointSigner<PortableSigner<never>, ViewerRequest, Variant, Image, Asked> & EndpointOptions;

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
export function createSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: AnySignerOptions<ViewerRequest, Variant, Image, SchemeImage<Image>>,
): Signer<Variant> {
  return createNodeSigner(options);
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
export function imageSigner<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: ImageSignerOptions<Variant, Image, SchemeImage<Image>>,
): Middleware {
  return createMiddleware(options);
}

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
export function imageGuard<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: ImageGuardOptions<Variant, Image, SchemeImage<Image>>,
): Middleware {
  return createGuard(options);
}

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
export function signingEndpoint<const Variant extends string, Image extends MatchedImage = DeliveryImage>(
  options: SigningEndpointOptions<Variant, Image, SchemeImage<Image>>,
): Endpoint {
  return createEndpoint(options);
}

/** The variants that an app has registered; any name as long as it has registered none. */
type RegisteredVariant = [keyof Express.ImageVariants] extends [never]
  ? string
  : keyof Express.ImageVariants & string;

/** What the middleware adds to each request. */
interface Helpers {
  /**
   * Signs one image, as `signImage` of a signer does. The URL stays as it is where the page contains it.
   * @throws ImageSignerError NOT_A_DELIVERY_URL, ACCOUNT_NOT_ALLOWED, ACCOUNT_REQUIRED, VARIANT_REQUIRED,
   *   VARIANT_NOT_ALLOWED, INVALID_OPTION
   * @example
   * ```ts
   * app.get('/photo', (req, res) => res.json({ url: req.signImage('photo-1', 'thumb', { ttl: '5m' }) }));
   * ```
   */
  signImage(image: string, variant?: RegisteredVariant | HelperOptions, options?: HelperOptions): string;
  /**
   * Signs one image in several variants, for a `srcset`.
   * @throws ImageSignerError as `signImage`
   * @example
   * ```ts
   * app.get('/photo', (req, res) => res.json({ srcset: req.signSrcset('photo-1', { thumb: '1x', card: '2x' }) }));
   * ```
   */
  signSrcset(image: string, candidates?: Candidates<RegisteredVariant>, options?: HelperOptions): string;
}

declare global {
  namespace Express {
    /**
     * The names of the app's variants. An app that declares them here, `interface ImageVariants { thumb: true }`, gets
     * helpers that take no others.
     */
    interface ImageVariants {}
    /** The helpers of `imageSigner`, and what `imageGuard` verified. */
    interface Request extends Helpers {
      /** The verification of this request's URL, where `imageGuard` let it pass. */
      signedImage?: SignedImage | undefined;
    }
    /** The helpers in views. They are optional, so that an app may still replace `res.locals` and `app.locals`. */
    interface Locals {
      /** Signs one image in a view. Data that cannot be signed comes back as it is; mistakes of the template throw. */
      signImage?:
        | ((image: unknown, variant?: RegisteredVariant | HelperOptions, options?: HelperOptions) => unknown)
        | undefined;
      /** Signs one image in several variants in a view. Data that cannot be signed comes back as it is. */
      signSrcset?:
        | ((image: unknown, candidates?: Candidates<RegisteredVariant>, options?: HelperOptions) => unknown)
        | undefined;
    }
  }
}
