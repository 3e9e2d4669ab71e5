/**
 * Fetches pages and images for `check`, as a browser would: it follows redirects and takes compressed bodies. Addresses
 * of private networks are refused unless the user allows them, since the URL may come from somebody else; the address
 * that is checked is the one that is connected to, so that a name cannot change in between.
 */
import { lookup as resolveName } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { version } from '../version.ts';
import { Mistake } from './mistake.ts';

const maxRedirects = 10;
const maxBodyBytes = 16 * 1024 * 1024;
const timeoutMilliseconds = 30_000;

export interface PageRequest {
  readonly method: 'GET' | 'HEAD';
  /** Sent to `headersOrigin` alone: they may hold a session. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The origin of the URL that the user has given. A page that redirects decides itself where it ends up. */
  readonly headersOrigin: string;
  readonly accept: string;
  readonly allowPrivate: boolean;
}

export interface PageResponse {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Decoded. */
  readonly body: Buffer;
}

interface Exchange {
  readonly response: IncomingMessage;
  readonly body: Buffer;
}

/** @throws Mistake if there is no response */
export async function fetchPage(url: string, request: PageRequest): Promise<PageResponse> {
  let current = new URL(url);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const headers = current.origin === request.headersOrigin ? request.headers : [];
    const { response, body }: Exchange = await exchange(current, { ...request, headers });
    const { statusCode: status = 0, headers: fields } = response;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && fields.location !== undefined;
    if (!isRedirect) return { url: current.href, status, headers: toHeaders(response), body };
    if (!URL.canParse(fields.location!, current.href)) break;
    current = new URL(fields.location!, current.href);
    checkScheme(current);
  }
  throw new Mistake(`The page redirects more than ${maxRedirects} times, or to no URL.`);
}

function checkScheme({ protocol }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Mistake('Only http: and https: URLs can be checked.');
}

function exchange(url: URL, { method, headers, accept, allowPrivate }: PageRequest): Promise<Exchange> {
  checkScheme(url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A name is checked when it is resolved.
  if (!allowPrivate && isIP(host) !== 0 && isPrivate(host)) throw privateAddress();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method,
      headers: {
        accept,
        'accept-encoding': 'gzip, br',
        'accept-language': 'en',
        'user-agent': `image-signer/${version}`,
        ...Object.fromEntries(headers),
      },
      lookup: allowPrivate ? resolveName : lookupPublic,
      signal: AbortSignal.timeout(timeoutMilliseconds),
      agent: false,
    });
    request.on('error', (error) => reject(toMistake(error)));
    request.on('response', (response) => {
      readBody(response).then(
        (body) => resolve({ response, body }),
        (error: unknown) => reject(toMistake(error)),
      );
    });
    request.end();
  });
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      length += chunk.length;
      if (length > maxBodyBytes) throw new Mistake('The page has more than 16 MiB.');
      chunks.push(chunk);
    }
  };
  const decoder = decoderOf(response.headers['content-encoding']);
  if (decoder === undefined) await pipeline(response, collect);
  else await pipeline(response, decoder, collect);
  return Buffer.concat(chunks);
}

function decoderOf(coding = ''): ReturnType<typeof createGunzip> | undefined {
  switch (coding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      return undefined;
  }
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  return headers;
}

/** IANA's registries of special-purpose addresses: what is not reached over the internet. */
const privateAddresses = new BlockList();
for (const [address, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  privateAddresses.addSubnet(address, prefix, 'ipv4');
for (const [address, prefix] of [
  // Global unicast addresses are all in 2000::/3. The rest holds site-local addresses, and translated ones of IPv4.
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  privateAddresses.addSubnet(address, prefix, 'ipv6');

export function isPrivate(address: string): boolean {
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    const found = addresses ?? [];
    if (error !== null) return callback(error, [], undefined);
    if (found.some(({ address }) => isPrivate(address))) return callback(privateAddress(), [], undefined);
    if (options.all === true) return callback(null, found);
    const [first] = found;
    callback(null, first?.address ?? '', first?.family);
  });
};

function privateAddress(): Mistake {
  return new Mistake('The host is in a private network. If that is meant, add --allow-private.');
}

function toMistake(error: unknown): unknown {
  if (error instanceof Mistake) return error;
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  if (name === 'TimeoutError' || name === 'AbortError')
    return new Mistake('The server has not answered within 30 seconds.');
  return new Mistake(
    `The server cannot be reached, or broke off: ${typeof code === 'string' ? code : 'unknown error'}.`,
  );
}
