/**
 * What an app and its walk agree on. An app gets these by its environment: `IMAGES_KEY`, `ACCOUNT_HASH`, `DELIVERY`, and
 * what `stored.ts` gives.
 */

export const key = 'a-key-for-frameworks-that-nobody-else-has';
export const accountHash = 'cheeW4oKsx5ljh8e8BoL2A';
/** Every app signs with this ttl, and delivers the variants `thumb` and `card`. */
export const ttl = '1d';
export const variants: readonly ['thumb', 'card'] = ['thumb', 'card'];

/** Of the buckets that the delivery has as well, for the scheme `s3`. */
export const bucketRegion = 'eu-central-1';
export const bucketKeys: Readonly<Record<'accessKeyId' | 'secretAccessKey', string>> = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'a-secret-for-frameworks-that-nobody-else-has',
};
/** Where they are below the delivery: a bucket of S3, and one of Supabase Storage at its S3 endpoint. */
export const bucketPaths: readonly ['/photos', '/storage/v1/s3/photos'] = [
  '/photos',
  '/storage/v1/s3/photos',
];
