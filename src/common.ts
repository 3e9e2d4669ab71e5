/** What every entry point exports besides its factories: the error class, and the types that no framework is part of. */
export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type {
  Candidates,
  DataOptions,
  HelperOptions,
  RewriteHtmlOptions,
  SignDataOptions,
  SignOptions,
} from './options/call-options.ts';
export type {
  ImageSignerEvent,
  PassReason,
  RefusalReason,
  SkipReason,
  VerificationFailure,
} from './options/events.ts';
export type { EndpointOptions, RewriteOptions } from './options/factory-options.ts';
export type { DeliveryOption, Memory } from './options/signer-options.ts';
export type { VariantPolicy } from './options/variant-policy.ts';
export type { DeliveryImage } from './schemes/cloudflare-images/scheme.ts';
export type { SchemeImage, StoredBase } from './schemes/definition.ts';
export type { NameProblem } from './schemes/object-name.ts';
export type { HtmlRewriter } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';
export type { Duration } from './text/duration.ts';
