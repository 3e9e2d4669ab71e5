/** The built-in schemes, each made by its bases and prefixes alone: what laws over all schemes share. */
import * as schemes from '../../src/schemes.ts';
import { vercelDelegation } from './oracles/vercel-blob.ts';
import { privateKeyOf } from './rsa-keys.ts';
import { key } from './samples.ts';

type Texts = string | readonly string[];

/** @param url - at Azure with the container `files` at its end */
export type MakeScheme = (url: Texts, prefixes?: Texts) => schemes.Scheme;

const at = (url: Texts, prefixes: Texts | undefined) => ({
  url,
  ...(prefixes !== undefined && { prefixes }),
});

const secret = Buffer.from(key);
export const hexKey: string = secret.toString('hex');
const credentials = { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: key, sessionToken: 'FwoG+/==' };
const withoutContainer = (url: string): string => url.slice(0, url.lastIndexOf('/'));

export function cloudFrontOf(bits: number, url: Texts, terms: object): schemes.Scheme {
  return schemes.cloudFront({ url, keyId: 'K2JCJMDEHXQW5F', key: privateKeyOf(bits), ...terms } as never);
}

export type StoreName =
  | ('s3' | 'cloudFront' | 'azureBlob' | 'gcs' | 'googleCdn' | 'bunny' | 'cloudflareWaf' | 'imgix')
  | ('nginxSecureLink' | 'edgeAuth' | 'vercelBlob' | 'sanity' | 'imageKit' | 'jwt' | 'imgproxy');

/** By the names of their functions. */
export const makers: Readonly<Record<StoreName, MakeScheme>> = {
  s3: (url, prefixes) => schemes.s3({ ...at(url, prefixes), region: 'eu-central-1', credentials }),
  cloudFront: (url, prefixes) => cloudFrontOf(2048, url, at(url, prefixes)),
  azureBlob: (url, prefixes) =>
    schemes.azureBlob({
      ...at([url].flat().map(withoutContainer), prefixes),
      account: 'shopimages',
      container: 'files',
      key: secret.toString('base64'),
    }),
  gcs: (url, prefixes) => {
    const account = {
      client_email: 'images@shop-1234.iam.gserviceaccount.com',
      private_key: privateKeyOf(2048),
    };
    return schemes.gcs({ ...at(url, prefixes), credentials: account });
  },
  googleCdn: (url, prefixes) =>
    schemes.googleCdn({
      ...at(url, prefixes),
      keyId: 'k-1',
      key: secret.subarray(0, 16).toString('base64url'),
    }),
  bunny: (url, prefixes) => schemes.bunny({ ...at(url, prefixes), key }),
  cloudflareWaf: (url, prefixes) => schemes.cloudflareWaf({ ...at(url, prefixes), key }),
  imgix: (url, prefixes) => schemes.imgix({ ...at(url, prefixes), key }),
  nginxSecureLink: (url, prefixes) => schemes.nginxSecureLink({ ...at(url, prefixes), key }),
  edgeAuth: (url, prefixes) => schemes.edgeAuth({ ...at(url, prefixes), key: hexKey }),
  vercelBlob: (url, prefixes) =>
    schemes.vercelBlob({ ...at(url, prefixes), delegation: vercelDelegation(9_000_000_000) }),
  sanity: (url, prefixes) => schemes.sanity({ ...at(url, prefixes), keyId: 'k-1', key: 'ab'.repeat(32) }),
  imageKit: (url, prefixes) => schemes.imageKit({ ...at(url, prefixes), key }),
  jwt: (url, prefixes) =>
    schemes.jwt({ ...at(url, prefixes), key, claims: ({ origin, path }) => ({ sub: origin + path }) }),
  imgproxy: (url, prefixes) => schemes.imgproxy({ ...at(url, prefixes), key: hexKey, salt: hexKey }),
};
