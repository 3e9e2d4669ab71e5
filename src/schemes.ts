/**
 * The entry `image-signer/schemes`: token schemes for private image stores other than Cloudflare Images.
 */

export { type AzureBlobOptions, type AzureDelegationKey, azureBlob } from './schemes/azure-blob.ts';
export { type BunnyOptions, bunny } from './schemes/bunny.ts';
export { type CloudFrontOptions, cloudFront } from './schemes/cloud-front.ts';
export {
  type CloudflareBase,
  type CloudflareImagesOptions,
  cloudflareImages,
  type DeliveryImage,
} from './schemes/cloudflare-images/scheme.ts';
export { type CloudflareWafOptions, cloudflareWaf } from './schemes/cloudflare-waf.ts';
export {
  defineScheme,
  type QuerySchemeDefinition,
  type SchemeDefinition,
  type TokenParameters,
  type TokenTimes,
} from './schemes/define.ts';
export type {
  MatchedImage,
  OneSecret,
  Scheme,
  SchemeImage,
  SecretAnswer,
  SecretOption,
  SecretTerms,
  SignTerms,
  StoredBase,
  TokenFailure,
  TokenVerification,
  UrlParts,
} from './schemes/definition.ts';
export { type EdgeAuthOptions, edgeAuth } from './schemes/edge-auth.ts';
export { type GcsOptions, type GcsServiceAccount, gcs } from './schemes/gcs.ts';
export { type GoogleCdnOptions, googleCdn } from './schemes/google-cdn.ts';
export { type ImageKitOptions, imageKit } from './schemes/image-kit.ts';
export { type ImgixOptions, imgix } from './schemes/imgix.ts';
export { type ImgproxyImage, type ImgproxyOptions, imgproxy } from './schemes/imgproxy.ts';
export { type JwtOptions, jwt } from './schemes/jwt.ts';
export { type NginxSecureLinkOptions, nginxSecureLink } from './schemes/nginx-secure-link.ts';
export { type S3Credentials, type S3Options, s3 } from './schemes/s3.ts';
export { type SanityOptions, sanity } from './schemes/sanity.ts';
export { type VercelBlobOptions, type VercelDelegation, vercelBlob } from './schemes/vercel-blob.ts';
