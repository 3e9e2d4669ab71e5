/**
 * The entry of Koa 2 and 3. A porch: it types what it hands on over Koa's own types, and decides nothing.
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

/** The context that `authorize` and `skip` are asked with. */
export type ViewerContext = ParameterizedContext<DefaultState, DefaultContext>;

/** What `createSigner` takes, and every factory but for `{ signer }`. */
export interface SignerOptions<Variant extends string = string>
  extends SignerOptionsFor<ViewerContext, Variant> {}

/** What `imageSigner` takes besides. */
export interface MiddlewareOptions extends MiddlewareOptionsFor<[context: ViewerContext]> {}

export type ImageSignerOptions<Variant extends string = string> = WithSigner<
  PortableSigner<never>,
  ViewerContext,
  Variant
> &
  MiddlewareOptions;
export type ImageGuardOptions<Variant extends string = string> = WithSigner<
  PortableSigner<never>,
  ViewerContext,
  Variant
> &
  GuardOptions;
export type SigningEndpointOptions<Variant extends string = string> = WithEndpointSigner<
  PortableSigner<never>,
  ViewerContext,
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
 * It gives `ctx.signImage` and `ctx.signSrcset`, the same two to views, and rewrites what `rewrite` names.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function imageSigner<const Variant extends string>(
  options: ImageSignerOptions<Variant>,
): KoaMiddleware {
  return createKoaMiddleware(options) as KoaMiddleware; // over the same context, as far as it is used
}

/**
 * Lets through requests for images that carry a valid token, or ask for an always public variant; nothing else. What it
 * lets through is on `ctx.state.signedImage`.
 * @param options - a signer's options, or `{ signer }`; `mode`, `sharedCache`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function imageGuard<const Variant extends string>(options: ImageGuardOptions<Variant>): KoaMiddleware {
  return createKoaGuard(options) as KoaMiddleware; // over the same context, as far as it is used
}

/**
 * Signs image URLs on demand: `app.use(mount('/sign', signingEndpoint(options)))`. `authorize` is required, in the
 * options or in the signer.
 * @param options - a signer's options, or `{ signer }`; `authorize`, `path`, `origins`
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function signingEndpoint<const Variant extends string>(
  options: SigningEndpointOptions<Variant>,
): KoaMiddleware {
  return createKoaEndpoint(options) as KoaMiddleware; // over the same context, as far as it is used
}

/** The variants that an app has registered; any name as long as it has registered none. */
type RegisteredVariant = [keyof RegisteredVariants] extends [never]
  ? string
  : keyof RegisteredVariants & string;

interface Helpers {
  /** Signs one image; throws `ImageSignerError`. */
  signImage(image: string, variant?: RegisteredVariant, options?: SignOptions): string;
  /** Signs one image in several variants, for a `srcset`; throws `ImageSignerError`. */
  signSrcset(image: string, candidates?: Candidates<RegisteredVariant>, options?: SignOptions): string;
}

declare module 'koa' {
  /** An app registers its variants by name here, `interface ImageVariants { thumb: true }`: no other is taken then. */
  interface ImageVariants {}
  interface DefaultContext extends Helpers {}
  interface DefaultState {
    /** Signs one image; data that is not to be signed comes back as it is. */
    signImage?: ((image: unknown, variant?: RegisteredVariant, options?: SignOptions) => unknown) | undefined;
    /** Signs one image in several variants; data that is not to be signed comes back as it is. */
    signSrcset?:
      | ((image: unknown, candidates?: Candidates<RegisteredVariant>, options?: SignOptions) => unknown)
      | undefined;
    /** Set by `imageGuard` for a request that it has let through. */
    signedImage?: SignedImage | undefined;
  }
}
