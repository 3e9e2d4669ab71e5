/**
 * The entry `image-signer/schemes`: token schemes of other private image stores than Cloudflare Images.
 */
export { defineScheme } from './schemes/define.ts';
export type {
  MatchedImage,
  Scheme,
  SchemeDefinition,
  SignTerms,
  TokenFailure,
  TokenVerification,
} from './schemes/definition.ts';
