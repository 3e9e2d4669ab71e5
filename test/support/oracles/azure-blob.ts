/** Azure Blob Storage, by `@azure/storage-blob`: a service SAS, or one by a user delegation key. */
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import type { Asset } from './asset.ts';

export interface AzureSite {
  /** The endpoint, without the container. */
  readonly url: string;
  readonly account: string;
  readonly container: string;
  /** An account key: base64 of 64 bytes. */
  readonly key: string;
}

export const azureSite: AzureSite = {
  url: 'https://shopimages.blob.core.windows.net',
  account: 'shopimages',
  container: 'photos',
  key: Buffer.from('An account key of Azure has sixty-four bytes, and so this one has').toString('base64'),
};

/** What the store answers with in place of the blob's own headers; each of them is signed. */
const responseHeaders: Readonly<Record<string, string>> = {
  rscc: 'cacheControl',
  rscd: 'contentDisposition',
  rsce: 'contentEncoding',
  rscl: 'contentLanguage',
  rsct: 'contentType',
};

/**
 * `issuedAt` plays no part: a time from which a SAS is valid is not written, since a clock that is behind would refuse an image
 * that has just been signed.
 * @param delegation - signs in place of the account key
 */
export function signAzureBlob(
  { name, parameters = [], exp }: Asset,
  { url, account, container, key }: AzureSite = azureSite,
  delegation?: UserDelegationKey,
): string {
  const headers = parameters.flatMap(([parameter, value]) => {
    const option = responseHeaders[parameter];
    return option === undefined ? [] : [[option, value] as const];
  });
  const values = {
    containerName: container,
    blobName: name,
    permissions: BlobSASPermissions.parse('r'),
    expiresOn: new Date(exp * 1000),
    // The first version whose signed text has these lines: later ones add some to that of a user delegation key.
    version: '2020-12-06',
    ...(url.startsWith('https:') && { protocol: SASProtocol.Https }),
    ...Object.fromEntries(headers),
  };
  const sas =
    delegation === undefined
      ? generateBlobSASQueryParameters(values, new StorageSharedKeyCredential(account, key))
      : generateBlobSASQueryParameters(values, delegation, account);
  const blob = new BlobServiceClient(url).getContainerClient(container).getBlobClient(name);
  return `${blob.url}?${sas.toString()}`;
}
