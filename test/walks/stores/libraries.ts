/** What the vendors' own libraries sign. Some read the clock themselves, and refuse to sign for an instant that is over. */
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { pemToEd25519Hex, signUrl } from '@sanity/signed-urls';
import { type IssuedSignedToken, presignUrl } from '@vercel/blob';
import EdgeAuth from 'akamai-edgeauth';
import { v2 as cloudinary } from 'cloudinary';
import ImageKit from 'imagekit';
import jsonwebtoken from 'jsonwebtoken';
import keys from '../../vectors/keys.json' with { type: 'json' };

/** In Unix seconds. */
export interface Times {
  readonly issuedAt: number;
  readonly exp: number;
}

/** Calls a function while the clock stands still. What it does after its first `await` gets the real clock again. */
function atInstant<T>(seconds: number, call: () => T): T {
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [seconds * 1000] : given, newTarget) as Date,
    get: (target, name, receiver): unknown =>
      name === 'now' ? () => seconds * 1000 : Reflect.get(target, name, receiver),
  });
  try {
    return call();
  } finally {
    globalThis.Date = RealDate;
  }
}

export interface AzureSite {
  /** The endpoint, without the container. */
  readonly url: string;
  readonly account: string;
  readonly container: string;
  readonly key?: string;
}

/** A time from which a SAS is valid is not written: a clock that is behind would refuse an image that was just signed. */
export function signAzureBlob(name: string, exp: number, site: AzureSite, delegation?: UserDelegationKey) {
  const { url, account, container, key = '' } = site;
  const values = {
    containerName: container,
    blobName: name,
    permissions: BlobSASPermissions.parse('r'),
    expiresOn: new Date(exp * 1000),
    // The first version whose signed text has these lines: later ones add some to that of a user delegation key.
    version: '2020-12-06',
    ...(url.startsWith('https:') && { protocol: SASProtocol.Https }),
  };
  const sas = delegation
    ? generateBlobSASQueryParameters(values, delegation, account)
    : generateBlobSASQueryParameters(values, new StorageSharedKeyCredential(account, key));
  return `${new BlobServiceClient(url).getContainerClient(container).getBlobClient(name).url}?${sas}`;
}

export interface GcsSite {
  readonly bucket: string;
  readonly credentials: { readonly client_email: string; readonly private_key: string };
  /** The bucket in the path, in the host, or a domain of its own. */
  readonly style: 'path' | 'virtual' | `http${string}`;
}

export async function signGcs(
  name: string,
  parameters: readonly (readonly [string, string])[],
  { issuedAt, exp }: Times,
  { bucket, credentials, style }: GcsSite,
): Promise<string> {
  const file = new Storage({ projectId: 'shop-1234', credentials }).bucket(bucket).file(name);
  const [url] = await atInstant(issuedAt, () =>
    file.getSignedUrl({
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

export const imageKitUrl = 'https://ik.imagekit.io/shop';
export const imageKitKey = 'private_a-key-that-nobody-else-has/+=';
const imageKit = new ImageKit({ urlEndpoint: imageKitUrl, publicKey: 'public_key', privateKey: imageKitKey });

/** @param url - percent-encoded, under `imageKitUrl`, with the parameters that are signed */
export function signImageKit(url: string, { exp, issuedAt }: Times): string {
  return atInstant(issuedAt, () => imageKit.url({ src: url, signed: true, expireSeconds: exp - issuedAt }));
}

/** @param claims - all but `exp`, in the order in which they are written */
export function signJwt(claims: Readonly<Record<string, unknown>>, exp: number, secret: string): string {
  return jsonwebtoken.sign({ ...claims, exp }, secret, { algorithm: 'HS256', noTimestamp: true });
}

export const sanityUrl = 'https://cdn.sanity.io/images/abc123/production';

/** @param url - percent-encoded, with the parameters that are signed */
export function signSanity(url: string, { exp, issuedAt }: Times, keyId = 'pk1234567890abcd'): string {
  const privateKey = pemToEd25519Hex(keys.ed25519);
  return atInstant(issuedAt, () => signUrl(url, { keyId, privateKey, expiry: new Date(exp * 1000) }));
}

/** It escapes no `#`, `?` and `%` of the name: of the URL only the parameters are right. */
export async function signVercelBlob(
  pathname: string,
  { exp, issuedAt }: Times,
  delegation: IssuedSignedToken,
): Promise<string> {
  const options = { operation: 'get', pathname, access: 'private', validUntil: exp * 1000 } as const;
  return (await atInstant(issuedAt, () => presignUrl(delegation, options))).presignedUrl;
}

export interface EdgeTokenTerms {
  /** Hexadecimal. */
  readonly key: string;
  /** What the token is for: a path, or a list of paths that may have wildcards. */
  readonly kind: 'url' | 'acl';
  readonly path: string;
  /** A token without it is valid at once. */
  readonly issuedAt?: number;
  readonly exp: number;
  /** Whether Akamai's property escapes the path before it compares: its option "Escape token input". */
  readonly escapeEarly?: boolean;
}

/** @returns the token without the name of its parameter */
export function signAkamai({ key, kind, path, issuedAt, exp, escapeEarly }: EdgeTokenTerms): string {
  const edgeAuth = new EdgeAuth({
    key,
    endTime: exp,
    ...(issuedAt !== undefined && { startTime: issuedAt }),
    ...(escapeEarly !== undefined && { escapeEarly }),
  });
  return kind === 'url' ? edgeAuth.generateURLToken(path) : edgeAuth.generateACLToken(path);
}

/** @returns the token with the name of its parameter: `__cld_token__=…` */
export function signCloudinary({ key, kind, path, issuedAt, exp }: EdgeTokenTerms): string {
  const times = { expiration: exp, ...(issuedAt !== undefined && { start_time: issuedAt }) };
  const options = { key, ...times, [kind]: path };
  // Its types know no `url`.
  return cloudinary.utils.generate_auth_token(options as typeof options & { readonly acl: string });
}
