/**
 * The entry `image-signer/schemes`: token schemes of other private image stores than Cloudflare Images.
 */
export { type CloudflareWafOptions, cloudflareWaf } from './schemes/cloudflare-waf.ts';
export { defineScheme } from './schemes/define.ts';
export type {
  MatchedImage,
  Scheme,
  SchemeDefinition,
  SignTerms,
  TokenFailure,
  TokenVerification,
} from './schemes/definition.ts';
export { type GoogleCdnOptions, googleCdn } from './schemes/google-cdn.ts';
export { type S3Credentials, type S3Options, s3 } from './schemes/s3/scheme.ts';
