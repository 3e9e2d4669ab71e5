/** Google Cloud Storage, by `@google-cloud/storage`: V4 signed URLs of a service account. */
import { Storage } from '@google-cloud/storage';
import { privateKeyOf } from '../rsa-keys.ts';
import type { Asset } from './asset.ts';
import { atInstant } from './stopped-clock.ts';

export interface GcsSite {
  readonly bucket: string;
  /** The fields of a service account's JSON file. The key is PEM, of RSA. */
  readonly credentials: { readonly client_email: string; readonly private_key: string };
  /** `path`: the bucket in the path; `virtual`: in the host; a URL: the bucket's own domain. */
  readonly style: 'path' | 'virtual' | `http${string}`;
}

export const gcsSite: GcsSite = {
  bucket: 'shop-photos',
  credentials: {
    client_email: 'images@shop-1234.iam.gserviceaccount.com',
    private_key: privateKeyOf(2048),
  },
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
  { bucket, credentials, style }: GcsSite = gcsSite,
): Promise<string> {
  const account = JSON.stringify(credentials);
  const client = clients.get(account) ?? new Storage({ projectId: 'shop-1234', credentials });
  clients.set(account, client);
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
