/** Google Cloud Storage, by `@google-cloud/storage`: V4 signed URLs of a service account. */
import { Storage } from '@google-cloud/storage';
import { privateKeyOf } from '../rsa-keys.ts';
import type { Asset } from './asset.ts';
import { atInstant } from './stopped-clock.ts';

export interface GcsSite {
  readonly bucket: string;
  readonly clientEmail: string;
  /** PEM, of RSA. */
  readonly privateKey: string;
  /** `path`: the bucket in the path; `virtual`: in the host; a URL: the bucket's own domain. */
  readonly style: 'path' | 'virtual' | `http${string}`;
}

export const gcsSite: GcsSite = {
  bucket: 'shop-photos',
  clientEmail: 'images@shop-1234.iam.gserviceaccount.com',
  privateKey: privateKeyOf(2048),
  style: 'path',
};

/** The URL of the bucket, as the option `url` of `gcs` has it. */
export function gcsUrlOf({ bucket, style }: GcsSite): string {
  if (style === 'path') return `https://storage.googleapis.com/${bucket}`;
  return style === 'virtual' ? `https://${bucket}.storage.googleapis.com` : style;
}

/** A client for each key: it parses the key anew. */
const clients = new Map<string, Storage>();

export async function signGcs(
  { name, parameters = [], exp, issuedAt }: Asset,
  { bucket, clientEmail, privateKey, style }: GcsSite = gcsSite,
): Promise<string> {
  const known = clients.get(privateKey + clientEmail);
  const client =
    known ??
    new Storage({
      projectId: 'shop-1234',
      credentials: { client_email: clientEmail, private_key: privateKey },
    });
  clients.set(privateKey + clientEmail, client);
  const [url] = await atInstant(issuedAt, () =>
    client
      .bucket(bucket)
      .file(name)
      .getSignedUrl({
        version: 'v4',
        action: 'read',
        accessibleAt: issuedAt * 1000,
        expires: exp * 1000,
        queryParams: Object.fromEntries(parameters),
        ...(style === 'virtual' ? { virtualHostedStyle: true } : style !== 'path' && { cname: style }),
      }),
  );
  return url;
}
