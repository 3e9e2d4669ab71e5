/**
 * The entry of the fetch standard, for Workers, Hono, Bun and Deno: a `Request` in, a `Response` out. A porch: it types
 * what it hands on, and decides nothing.
 */
import { createFetchEndpoint } from './endpoint/fetch-endpoint.ts';
import { createFetchMiddleware, type FetchHandler } from './middleware/fetch-middleware.ts';
import type {
  DeliveryImage,
  EndpointOptions,
  MiddlewareOptions,
  SignerOptions,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import { createPortableSigner, type Signer } from './signer/index.ts';

export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type { FetchHandler } from './middleware/fetch-middleware.ts';
export type {
  DeliveryImage,
  DeliveryOption,
  Duration,
  ImageSignerEvent,
  PassReason,
  RefusalReason,
  RewriteOptions,
  SignerOptions,
  SignOptions,
  SkipReason,
  VariantPolicy,
} from './options/types.ts';
export type { Candidates, HtmlRewriter, RewriteHtmlOptions, Signer } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';

/** `authorize` and `skip` get the request. */
interface Asked {
  /** May this viewer see the image? Synchronous: only `true` allows. */
  authorize?(image: DeliveryImage, request: Request): boolean;
  /** Leaves one response alone; asked once. Only `true` does. */
  skip?(request: Request): boolean;
}

export type ImageSignerOptions<Variant extends string = string> = Omit<
  WithSigner<Signer<never>, Variant> & MiddlewareOptions,
  keyof Asked
> &
  Asked;

/**
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createSigner<const Variant extends string>(options: SignerOptions<Variant>): Signer<Variant> {
  return createPortableSigner(options);
}

/**
 * Signs the image URLs of a whole site on the way out: `export default { fetch: (request) => sign(request, handle) }`.
 * @param options - a signer's options, or `{ signer }`; `rewrite`, `skip`, `attributes`
 * @returns calls the handler, and gives its response with what `rewrite` names signed
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function imageSigner<const Variant extends string>(
  options: ImageSignerOptions<Variant>,
): (request: Request, next: FetchHandler) => Promise<Response> {
  return createFetchMiddleware(options);
}

/** `authorize` of the endpoint gets the request, and may be asynchronous. */
interface AskedByEndpoint {
  /** May this viewer see the image? Only `true` allows. */
  authorize?(image: DeliveryImage, request: Request): boolean | PromiseLike<boolean>;
}

export type SigningEndpointOptions<Variant extends string = string> = Omit<
  WithEndpointSigner<Signer<never>, Variant> & EndpointOptions,
  'authorize'
> &
  AskedByEndpoint;

/**
 * Signs image URLs on demand, as the Worker does that Cloudflare documents. `authorize` is required, in the options or
 * in the signer; `path` names where the endpoint is.
 * @returns answers; a request that is not the endpoint's goes to `next`, or gets 404
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function signingEndpoint<const Variant extends string>(
  options: SigningEndpointOptions<Variant>,
): (request: Request, next?: FetchHandler) => Promise<Response> {
  return createFetchEndpoint(options);
}
