/**
 * The entry of Koa 2 and 3. A porch: it types what it hands on over Koa's own types, and decides nothing.
 */
import type { DefaultContext, DefaultState, Middleware as KoaMiddleware, ParameterizedContext } from 'koa';
import { createKoaEndpoint } from './endpoint/koa-endpoint.ts';
import type { SignedImage } from './guard/admission.ts';
import { createKoaGuard } from './guard/index.ts';
import { createKoaMiddleware } from './middleware/koa-middleware.ts';
import type { Signer } from './node-signer.ts';
import type {
  DeliveryImage,
  EndpointOptions,
  GuardOptions,
  MiddlewareOptions,
  SignOptions,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import type { Candidates } from './signer/index.ts';

export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type { SignedImage } from './guard/admission.ts';
export { createSigner, type Signer } from './node-signer.ts';
export type {
  DeliveryImage,
  DeliveryOption,
  Duration,
  GuardOptions,
  ImageSignerEvent,
  PassReason,
  RefusalReason,
  RewriteOptions,
  SignerOptions,
  SignOptions,
  SkipReason,
  VariantPolicy,
} from './options/types.ts';
export type { Candidates, HtmlRewriter, RewriteHtmlOptions } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';

/** The context that `authorize` and `skip` are asked with. */
export type ViewerContext = ParameterizedContext<DefaultState, DefaultContext>;

/** `authorize` and `skip` of Koa get the context. */
interface Asked {
  /** May this viewer see the image? Synchronous: only `true` allows. */
  authorize?(image: DeliveryImage, context: ViewerContext): boolean;
  /** Leaves one response alone; asked once, when the headers go out. Only `true` does. */
  skip?(context: ViewerContext): boolean;
}

export type ImageSignerOptions<Variant extends string = string> = Omit<
  WithSigner<Signer<never>, Variant> & MiddlewareOptions,
  keyof Asked
> &
  Asked;
export type ImageGuardOptions<Variant extends string = string> = WithSigner<Signer<never>, Variant> &
  GuardOptions;

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

/** `authorize` of the endpoint gets the context, and may be asynchronous. */
interface AskedByEndpoint {
  /** May this viewer see the image? Only `true` allows. */
  authorize?(image: DeliveryImage, context: ViewerContext): boolean | PromiseLike<boolean>;
}

export type SigningEndpointOptions<Variant extends string = string> = Omit<
  WithEndpointSigner<Signer<never>, Variant> & EndpointOptions,
  'authorize'
> &
  AskedByEndpoint;

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

interface Helpers {
  /** Signs one image; throws `ImageSignerError`. */
  signImage(image: string, variant?: string, options?: SignOptions): string;
  /** Signs one image in several variants, for a `srcset`; throws `ImageSignerError`. */
  signSrcset(image: string, candidates?: Candidates, options?: SignOptions): string;
}

declare module 'koa' {
  interface DefaultContext extends Helpers {}
  interface DefaultState {
    /** Set by `imageGuard` for a request that it has let through. */
    signedImage?: SignedImage | undefined;
  }
}
