/** What every entry point exports besides its factories: the error class, and types that are independent of frameworks. */
export type { CloudflareImages } from './entry-types.ts';
export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type { SignedImage } from './guard/check.ts';
export type {
  Candidates,
  DataOptions,
  HelperOptions,
  RewriteHtmlOptions,
  SignDataOptions,
  SignOptions,
} from './options/call-options.ts';
export type { ImageSignerEvent } from './options/events.ts';
export type { VariantPolicy } from './options/variant-policy.ts';
export type { DeliveryImage } from './schemes/cloudflare-images/scheme.ts';
export type { SchemeImage } from './schemes/definition.ts';
export type { HtmlRewriter } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';
export type { Duration } from './text/duration.ts';
