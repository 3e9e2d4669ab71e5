/**
 * Fetches pages and images for `check`, as a browser would: it follows redirects and takes compressed bodies. It may refuse
 * addresses, since the URL may come from somebody else. It connects to the very address that it checked, so that a name
 * cannot change in between.
 */
import { lookup as resolveName } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { version } from '../../version.ts';
import { Mistake } from './mistake.ts';
import { isLoopback } from './private-addresses.ts';

const maxRedirects = 10;

export interface PageLimits {
  /** For every response, to its last byte. */
  readonly timeoutMilliseconds: number;
  /** Decoded. */
  readonly maxBodyBytes: number;
}

export const defaultLimits: PageLimits = { timeoutMilliseconds: 30_000, maxBodyBytes: 16 * 1024 * 1024 };

export interface PageRequest {
  readonly method: 'GET' | 'HEAD';
  /** They may contain a session. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The only origin that receives `headers`: that of the URL that the user gave. */
  readonly headersOrigin: string;
  /**
   * Origins that may be loopback addresses without the flag: those that the user gave, as the URL of the page or as a base
   * of images. Redirects to them are refused.
   */
  readonly loopbackOrigins: readonly string[];
  readonly accept: string;
  /** Whether connections to this IP address are forbidden. */
  readonly isRefused: (address: string) => boolean;
  readonly limits: PageLimits;
}

export interface PageResponse {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** Decoded. */
  readonly body: Buffer;
}

/** The host is at an address that `isRefused` names. */
export class RefusedAddress extends Mistake {
  static readonly hint = 'If this is intended, add --allow-private.';

  constructor() {
    super(`The host is on a private network. ${RefusedAddress.hint}`);
  }
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
    const isRefused =
      redirects === 0 && mayBeLoopback(current, request) ? unlessLoopback(request) : request.isRefused;
    const { response, body }: Exchange = await exchange(current, { ...request, headers, isRefused });
    const { statusCode: status = 0, headers: fields } = response;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && fields.location !== undefined;
    if (!isRedirect) return { url: current.href, status, headers: toHeaders(response), body };
    if (!URL.canParse(fields.location!, current.href)) break;
    current = new URL(fields.location!, current.href);
    checkScheme(current);
  }
  throw new Mistake(`The page redirects more than ${maxRedirects} times, or to an invalid URL.`);
}

/** By its name only: a name that merely resolves to this machine may be a stranger's. */
export function mayBeLoopback({ origin, hostname }: URL, { loopbackOrigins }: PageRequest): boolean {
  const isNamedSo = /^(?:.+\.)?localhost$/.test(hostname) || isLoopback(hostname.replace(/^\[|\]$/g, ''));
  return loopbackOrigins.includes(origin) && isNamedSo;
}

function unlessLoopback({ isRefused }: PageRequest): PageRequest['isRefused'] {
  return (address) => !isLoopback(address) && isRefused(address);
}

function checkScheme({ protocol }: URL): void {
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new Mistake('Only http: and https: URLs can be checked.');
}

function exchange(url: URL, { method, headers, accept, isRefused, limits }: PageRequest): Promise<Exchange> {
  checkScheme(url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Names are checked when they are resolved.
  if (isIP(host) !== 0 && isRefused(host)) throw new RefusedAddress();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const { timeoutMilliseconds } = limits;
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      // An abort within a body arrives as a connection reset.
      if (signal.aborted) reject(tooSlow(timeoutMilliseconds));
      else reject(toMistake(error));
    };
    const request = send(url, { method, lookup: lookupUnless(isRefused), signal, agent: false });
    for (const [name, value] of ownFields(accept)) request.setHeader(name, value);
    // A given field replaces ours; a repeated one is sent as a list.
    for (const [name] of headers) request.removeHeader(name);
    for (const [name, value] of headers) request.appendHeader(name, value);
    request.on('error', fail);
    // A server that switches protocols unasked would leave us waiting.
    request.on('upgrade', (_, socket) => {
      socket.destroy();
      fail({ code: 'UPGRADE' });
    });
    request.on('response', (response) => {
      const reading = method === 'HEAD' ? discard(response) : readBody(response, limits);
      reading.then((body) => resolve({ response, body }), fail);
    });
    request.end();
  });
}

function ownFields(accept: string): [name: string, value: string][] {
  return [
    ['Accept', accept],
    ['Accept-Encoding', 'gzip, br'],
    ['Accept-Language', 'en'],
    ['User-Agent', `image-signer/${version}`],
  ];
}

/** A response to HEAD may name a content coding, but has nothing to decode. */
async function discard(response: IncomingMessage): Promise<Buffer> {
  await pipeline(response, async (chunks) => {
    for await (const _ of chunks);
  });
  return Buffer.alloc(0);
}

async function readBody(response: IncomingMessage, { maxBodyBytes }: PageLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      length += chunk.length;
      if (length > maxBodyBytes) throw tooLarge(maxBodyBytes);
      chunks.push(chunk);
    }
  };
  const decoder = decoderOf(response.headers['content-encoding']);
  try {
    if (decoder === undefined) await pipeline(response, collect);
    else await pipeline(response, decoder, collect);
  } catch (error) {
    // The pipeline may report the abort instead of its reason.
    throw length > maxBodyBytes ? tooLarge(maxBodyBytes) : error;
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): Mistake {
  const size = maxBytes < 1024 * 1024 ? `${maxBytes} bytes` : `${maxBytes / 1024 / 1024} MiB`;
  return new Mistake(`The page is larger than ${size}.`);
}

/** @throws Mistake for a content coding that was not requested: its bytes would look like a page without images */
function decoderOf(coding = ''): ReturnType<typeof createGunzip> | undefined {
  switch (coding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      return createInflate();
    default:
      throw new Mistake(`The page has a content coding that was not requested: ${coding.slice(0, 64)}.`);
  }
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
  return headers;
}

/** Refuses a name if any of its addresses is refused. */
function lookupUnless(isRefused: PageRequest['isRefused']): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const found = addresses ?? [];
      if (error !== null) return callback(error, [], undefined);
      if (found.some(({ address }) => isRefused(address)))
        return callback(new RefusedAddress(), [], undefined);
      if (options.all === true) return callback(null, found);
      const [first] = found;
      callback(null, first?.address ?? '', first?.family);
    });
  };
}

function tooSlow(milliseconds: number): Mistake {
  return new Mistake(`The server did not answer within ${milliseconds / 1000} seconds.`);
}

function toMistake(error: unknown): Mistake {
  if (error instanceof Mistake) return error;
  const { code } = Object(error) as { readonly code?: unknown };
  return new Mistake(
    `The server cannot be reached, or closed the connection: ${typeof code === 'string' ? code : 'unknown error'}.`,
  );
}
