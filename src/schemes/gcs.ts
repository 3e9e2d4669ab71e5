/** `gcs`: V4 signed URLs of Google Cloud Storage, by the key of a service account. */
import { hashHex } from '../signing/digests.ts';
import type { Scheme, SchemeImage } from './definition.ts';
import { type GcsOptions, readGcsOptions } from './gcs-options.ts';
import { createQueryScheme } from './query-scheme.ts';
import { basicDate, readTerms } from './s3/presign.ts';
import {
  asksForMore,
  encodeParameter,
  encodePath,
  isBucketToken,
  respellQuery,
  signedQuery,
} from './s3/query.ts';
import { onlyParameter } from './url-parts.ts';

const algorithm = 'GOOG4-RSA-SHA256';
/** Google: `X-Goog-Expires` is seven days at most. */
const longestLife = 604_800;

/**
 * V4 signed URLs of Google Cloud Storage. They are valid for `GET`, for seven days at most, and on the host that is signed:
 * `storage.googleapis.com` with the bucket in the path or in the host, or a domain that is bound to the bucket.
 *
 * Signing takes the private key of a service account. Without one, as on Cloud Run, Google would sign each URL over the
 * network, and a page that is sent waits for nobody.
 *
 * An RSA signature takes a fraction of a millisecond. It is the same each time, and is cached for a step.
 * @throws ImageSignerError INVALID_OPTION, with `option`
 * @example
 * ```ts
 * const scheme = gcs({
 *   url: 'https://storage.googleapis.com/shop-photos',
 *   credentials: JSON.parse(process.env.GOOGLE_CREDENTIALS || '{}'),
 *   prefixes: 'uploads/',
 * });
 * app.use(imageSigner({ scheme, ttl: '1h' }));
 * ```
 * @see Google Cloud Storage, "V4 signing process with your own program"
 */
export function gcs(options: GcsOptions): Scheme<SchemeImage<'gcs'>> {
  const { bases, from, prefixes, clientEmail, secrets, parameters, maxSignatures } = readGcsOptions(options);
  const signed = new Set(parameters);
  return createQueryScheme({
    name: 'gcs',
    bases,
    from,
    prefixes,
    secrets,
    settings: [clientEmail, parameters],
    longestLife,
    maxSignatures,
    isTokenParameter: isBucketToken,
    signsParameter: (name) => signed.has(name),
    respell: encodePath,
    respellQuery,
    match: ({ query }) => (asksForMore(query) ? undefined : {}),
    sign({ origin, path, query }, { exp, ttl, step }, { key, name = clientEmail, endsAt }) {
      const issuedAt = exp - (ttl + step);
      const date = basicDate(issuedAt);
      const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
      const token = [
        `X-Goog-Algorithm=${algorithm}`,
        `&X-Goog-Credential=${encodeParameter(encodeURIComponent(`${name}/${scope}`))}`,
        `&X-Goog-Date=${date}`,
        `&X-Goog-Expires=${Math.max(0, Math.min(exp, endsAt) - issuedAt)}`,
        '&X-Goog-SignedHeaders=host',
      ].join('');
      const host = origin.slice(origin.indexOf('//') + 2);
      const request = `GET\n${path}\n${signedQuery(query, token).canonical}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
      const text = `${algorithm}\n${date}\n${scope}\n${hashHex('sha256', request)}`;
      return `${token}&X-Goog-Signature=${key.sign('sha256', text, 'hex')}`;
    },
    readTerms: (url) => readTerms(url, 'X-Goog-'),
    verifier: ({ key, ...held }, url) => ({
      ...held,
      key: key.knowing(onlyParameter(url, 'X-Goog-Signature') ?? ''),
    }),
  });
}
