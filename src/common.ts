/** What every entry point exports besides its factories: the error class, and the types that no framework is part of. */
export { ImageSignerError, type ImageSignerErrorCode } from './errors.ts';
export type {
  DeliveryImage,
  DeliveryOption,
  Duration,
  EndpointOptions,
  HelperOptions,
  ImageSignerEvent,
  Memory,
  PassReason,
  RefusalReason,
  RewriteOptions,
  SignOptions,
  SkipReason,
  VariantPolicy,
  VerificationFailure,
} from './options/types.ts';
export type { NameProblem } from './schemes/object-name.ts';
export type { Candidates, HtmlRewriter, RewriteHtmlOptions } from './signer/index.ts';
export type { Verification } from './signer/verification.ts';
