/** The store of the photos: an S3 bucket or an Azure container. Both are private, and run on this machine. */
import { AwsClient } from 'aws4fetch';
import { azureBlob, type Scheme, s3 } from 'image-signer/schemes';
import { SettingsError } from '../gallery/settings.ts';
import { startAzurite } from './local/azurite.ts';
import { credentials, region, startBucket } from './local/bucket.ts';

export interface Store {
  /** The beginning of its plain URLs: `http://localhost:<port>/photos`. */
  readonly url: string;
  /** How the site signs them. */
  readonly scheme: Scheme;
  put(key: string, type: string, body: Buffer | string): Promise<void>;
  /** A URL that was signed long ago. Editors that store a page's HTML keep such URLs. */
  signLongAgo(url: string): string | Promise<string>;
  /** Stops it, and removes its objects. */
  stop(): Promise<void>;
}

/** The site's keys can read the whole store. `prefixes` limits what a page can show. */
const prefixes = ['uploads/'];

/** @throws SettingsError */
export async function startStore(name: string | undefined): Promise<Store> {
  switch (name) {
    case undefined:
    case '':
    case 's3':
      return startS3();
    case 'azure':
      return startAzure();
    default:
      throw new SettingsError(`STORE must be s3 or azure, not ${JSON.stringify(name)}. Unset it for s3.`);
  }
}

async function startS3(): Promise<Store> {
  const { url, stop } = await startBucket();
  const client = new AwsClient({ ...credentials, service: 's3', region, retries: 0 });
  return {
    url,
    scheme: s3({ url, region, credentials, prefixes }),
    async put(key, type, body) {
      const headers = { 'Content-Type': type };
      const response = await client.fetch(`${url}/${key}`, { method: 'PUT', headers, body });
      if (!response.ok) throw new Error(`The bucket answered ${response.status} to PUT ${key}.`);
    },
    async signLongAgo(photo) {
      const aws = { signQuery: true, datetime: '20210614T091500Z' } as const;
      return (await client.sign(`${photo}?X-Amz-Expires=3600`, { aws })).url;
    },
    stop,
  };
}

async function startAzure(): Promise<Store> {
  const { url, account, container, key, put, stop } = await startAzurite();
  return {
    url: `${url}/${container}`,
    scheme: azureBlob({ url, account, container, key, prefixes }),
    put,
    signLongAgo: (photo) =>
      `${photo}?sv=2020-04-08&se=2021-06-14T10%3A15%3A00Z&sr=b&sp=r&sig=${'A'.repeat(43)}%3D`,
    stop,
  };
}
