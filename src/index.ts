/**
 * The root entry: Express 4 and 5, Connect, bare `node:http`, and code without a framework. A porch: it types what it
 * hands on over `node:http` alone, and decides nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createEndpoint } from './adapters/node/endpoint.ts';
import { createGuard } from './adapters/node/guard.ts';
import { createMiddleware } from './adapters/node/middleware.ts';
import { createNodeSigner, type Signer } from './adapters/node/signer.ts';
import type { SignedImage } from './guard/check.ts';
import type {
  EndpointOptions,
  GuardOptions,
  MiddlewareOptionsFor,
  SignerOptionsFor,
  SignOptions,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import type { Candidates, Signer as PortableSigner } from './signer/index.ts';

export type { Signer } from './adapters/node/signer.ts';
export * from './common.ts';
export type { SignedImage } from './guard/check.ts';
export type { GuardOptions } from './options/types.ts';

/** The request that `authorize` is asked about: whatever the app has put on it is there. */
export type ViewerRequest = IncomingMessage & Express.Request;

/** What `createSigner` takes, and every factory but for `{ signer }`. */
export interface SignerOptions<Variant extends string = string>
  extends SignerOptionsFor<ViewerRequest, Variant> {}

/** What `imageSigner` takes besides. */
export interface MiddlewareOptions
  extends MiddlewareOptionsFor<[request: ViewerRequest, response: ServerResponse]> {}

/** What every factory of this entry returns. Express, Connect and a bare server call it alike. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** What `signingEndpoint` returns: a middleware, or all that a bare server does. */
export type Endpoint = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

export type ImageSignerOptions<Variant extends string = string> = WithSigner<
  PortableSigner<never>,
  ViewerRequest,
  Variant
> &
  MiddlewareOptions;
export type ImageGuardOptions<Variant extends string = string> = WithSigner<
  PortableSigner<never>,
  ViewerRequest,
  Variant
> &
  GuardOptions;
export type SigningEndpointOptions<Variant extends string = string> = WithEndpointSigner<
  PortableSigner<never>,
  ViewerRequest,
  Variant
> &
  EndpointOptions;

/**
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createSigner<const Variant extends string>(options: SignerOptions<Variant>): Signer<Variant> {
  return createNodeSigner(options);
}

/**
 * Signs the image URLs of a whole site on the way out. Mount it before the routes: `app.use(imageSigner(options))`.
 * It gives `req.signImage` and `req.signSrcset`, the same two to views, and rewrites what `rewrite` names.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function imageSigner<const Variant extends string>(options: ImageSignerOptions<Variant>): Middleware {
  return createMiddleware(options);
}

/**
 * Lets through requests for images that carry a valid token, or ask for an always public variant; nothing else:
 * `app.use('/images', imageGuard(options), express.static('images'))`. What it lets through is on `req.signedImage`.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function imageGuard<const Variant extends string>(options: ImageGuardOptions<Variant>): Middleware {
  return createGuard(options);
}

/**
 * Signs URLs for those who ask, one by `GET` or up to 100 by `POST`, if `authorize` says so:
 * `app.use('/sign', signingEndpoint(options))`. Without a framework: `createServer(signingEndpoint({ …, path: '/sign' }))`.
 * @param options - a signer's options, or `{ signer }`; `authorize`, which has to be here or there; `path`, `origins`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function signingEndpoint<const Variant extends string>(
  options: SigningEndpointOptions<Variant>,
): Endpoint {
  return createEndpoint(options);
}

/** The variants that an app has registered; any name as long as it has registered none. */
type RegisteredVariant = [keyof Express.ImageVariants] extends [never]
  ? string
  : keyof Express.ImageVariants & string;

interface Helpers {
  /** Signs one image; throws `ImageSignerError`. */
  signImage(image: string, variant?: RegisteredVariant, options?: SignOptions): string;
  /** Signs one image in several variants, for a `srcset`; throws `ImageSignerError`. */
  signSrcset(image: string, candidates?: Candidates<RegisteredVariant>, options?: SignOptions): string;
}

declare global {
  namespace Express {
    /** An app registers its variants by name here, `interface ImageVariants { thumb: true }`: no other is taken then. */
    interface ImageVariants {}
    interface Request extends Helpers {
      /** Set by `imageGuard` for a request that it has let through. */
      signedImage?: SignedImage | undefined;
    }
    /** Optional, so that an app may still set `res.locals` and `app.locals` as a whole. */
    interface Locals {
      /** Signs one image; data that is not to be signed comes back as it is. */
      signImage?:
        | ((image: unknown, variant?: RegisteredVariant, options?: SignOptions) => unknown)
        | undefined;
      /** Signs one image in several variants; data that is not to be signed comes back as it is. */
      signSrcset?:
        | ((image: unknown, candidates?: Candidates<RegisteredVariant>, options?: SignOptions) => unknown)
        | undefined;
    }
  }
}
