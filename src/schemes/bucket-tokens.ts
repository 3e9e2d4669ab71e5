/**
 * The parameters of presigned URLs of buckets, of each version of a signature and by each kind of key. A store that reads two
 * tokens in one URL refuses both, so one that is left over from an earlier version spoils the new one.
 */

/**
 * Signature Version 2 of AWS, and of Google with a service account. S3 reads each of these names as a part of a token, even
 * without the others: it refuses `Signature` and `Expires` of CloudFront for want of an `AWSAccessKeyId`. So an app cannot
 * have one of them for itself, and one alone comes off as well. Compared with case, as the stores compare them.
 * @see AWS, "Amazon S3 API Reference", "Query string request authentication alternative"
 * @see Google Cloud Storage, "V2 signing process"
 */
const versionTwo: ReadonlySet<string> = new Set(['AWSAccessKeyId', 'GoogleAccessId', 'Signature', 'Expires']);

/**
 * Whether a parameter of this name, decoded, belongs to the token of a bucket. `X-Amz-…` and `X-Goog-…` are compared without
 * case, as stores and the proxies before them may. `x-id` names the operation, and is part of what AWS's SDK for JavaScript
 * presigns; an object's URL has no other use for it.
 */
export function isBucketToken(name: string): boolean {
  if (versionTwo.has(name)) return true;
  const folded = name.toLowerCase();
  return folded.startsWith('x-amz-') || folded.startsWith('x-goog-') || folded === 'x-id';
}
