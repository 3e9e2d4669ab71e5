/**
 * The entry of the fetch standard, for Workers, Hono, Bun and Deno: a `Request` in, a `Response` out. A porch: it types
 * what it hands on, and decides nothing.
 */
import { createFetchEndpoint } from './adapters/fetch/endpoint.ts';
import { createFetchMiddleware, type FetchHandler } from './adapters/fetch/middleware.ts';
import type {
  EndpointOptions,
  MiddlewareOptionsFor,
  SignerOptionsFor,
  WithEndpointSigner,
  WithSigner,
} from './options/types.ts';
import { createPortableSigner, type Signer } from './signer/index.ts';

export type { FetchHandler } from './adapters/fetch/middleware.ts';
export * from './common.ts';
export type { Signer } from './signer/index.ts';

/** What `createSigner` takes, and every factory but for `{ signer }`; `authorize` is asked with the request. */
export interface SignerOptions<Variant extends string = string> extends SignerOptionsFor<Request, Variant> {}

/** What `imageSigner` takes besides. */
export interface MiddlewareOptions extends MiddlewareOptionsFor<[request: Request]> {}

export type ImageSignerOptions<Variant extends string = string> = WithSigner<
  Signer<never>,
  Request,
  Variant
> &
  MiddlewareOptions;
export type SigningEndpointOptions<Variant extends string = string> = WithEndpointSigner<
  Signer<never>,
  Request,
  Variant
> &
  EndpointOptions;

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
