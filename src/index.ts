/**
 * The root entry: Express 4 and 5, Connect, bare `node:http`, and code without a framework. A porch: it types what it
 * hands on over `node:http` alone, and decides nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import type { SignedImage } from './guard/admission.ts';
import { createGuard } from './guard/index.ts';
import { createMiddleware } from './middleware/index.ts';
import type {
  GuardOptions,
  MiddlewareOptions,
  SignerOptions,
  SignOptions,
  WithSigner,
} from './options/types.ts';
import { toTransform } from './rewriting/node-stream.ts';
import {
  type Candidates,
  createPortableSigner,
  type Signer as PortableSigner,
  type RewriteHtmlOptions,
} from './signer/index.ts';

export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type { SignedImage } from './guard/admission.ts';
export type {
  DeliveryImage,
  DeliveryOption,
  Duration,
  GuardOptions,
  ImageSignerEvent,
  MiddlewareOptions,
  PassReason,
  RefusalReason,
  RewriteOptions,
  SignerOptions,
  SignOptions,
  SkipReason,
  VariantPolicy,
  ViewerRequest,
} from './options/types.ts';
export type { Candidates, HtmlRewriter, RewriteHtmlOptions } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';

/** What every factory of this entry returns. Express, Connect and a bare server call it alike. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

export interface Signer<Variant extends string = string> extends PortableSigner<Variant> {
  /**
   * A page, as a Node.js stream: bytes in, bytes out.
   * @throws ImageSignerError INVALID_OPTION
   */
  htmlStream(options?: RewriteHtmlOptions): Transform;
}

export type ImageSignerOptions<Variant extends string = string> = WithSigner<Signer<never>, Variant> &
  MiddlewareOptions;
export type ImageGuardOptions<Variant extends string = string> = WithSigner<Signer<never>, Variant> &
  GuardOptions;

/**
 * Makes a signer out of options, or throws at once for the first that is wrong.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 */
export function createSigner<const Variant extends string>(options: SignerOptions<Variant>): Signer<Variant> {
  const signer = createPortableSigner(options);
  const htmlStream = (streamOptions?: RewriteHtmlOptions): Transform =>
    toTransform(signer.htmlRewriter(streamOptions));
  return Object.assign(signer, { htmlStream });
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

interface Helpers {
  /** Signs one image; throws `ImageSignerError`. */
  signImage(image: string, variant?: string, options?: SignOptions): string;
  /** Signs one image in several variants, for a `srcset`; throws `ImageSignerError`. */
  signSrcset(image: string, candidates?: Candidates, options?: SignOptions): string;
}

declare global {
  namespace Express {
    interface Request extends Helpers {
      /** Set by `imageGuard` for a request that it has let through. */
      signedImage?: SignedImage | undefined;
    }
    /** Optional, so that an app may still set `res.locals` and `app.locals` as a whole. */
    interface Locals {
      /** Signs one image; data that is not to be signed comes back as it is. */
      signImage?: ((image: unknown, variant?: string, options?: SignOptions) => unknown) | undefined;
      /** Signs one image in several variants; data that is not to be signed comes back as it is. */
      signSrcset?: ((image: unknown, candidates?: Candidates, options?: SignOptions) => unknown) | undefined;
    }
  }
}
