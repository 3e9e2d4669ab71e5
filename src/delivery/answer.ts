/**
 * Sends a picture: whole, in part, or as `304` (RFC 9110, 13 and 14). It may be a file or bytes in memory, so libraries that send
 * files do not help.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { parseHttpDate } from '../http/cache-fields.ts';
import { onResponse } from '../node/http/response-events.ts';

/** What is sent. */
export interface Representation {
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Strong, in quotes; weak for text, which the app's `compression` may encode under the same tag. A weak one allows no ranges:
   * they would be ranges of the encoded bytes.
   */
  readonly etag: string;
  /** In milliseconds since 1970. */
  readonly modifiedAt: number;
  /** The bytes, or how to read them from `start` to `end` inclusive. */
  readonly body: Buffer | ((start: number, end: number) => Readable);
}

/** In milliseconds. A picture stays in memory for a client that does not read it. */
const longestSilence = 60_000;

/**
 * The pictures in memory that are being sent, each counted once. A slow client holds one for as long as it likes, so if there
 * are too many, the oldest responses are ended.
 */
export class PicturesBeingSent {
  readonly #maxBytes: number;
  /** The most recently requested one is last. */
  readonly #responses: Map<Buffer, Set<ServerResponse>> = new Map();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(picture: Buffer, response: ServerResponse): void {
    const responses = this.#remove(picture).add(response);
    this.#responses.set(picture, responses);
    this.#bytes += picture.length;
    onResponse(response, 'close', () => {
      responses.delete(response);
      if (responses.size === 0 && this.#responses.get(picture) === responses) this.#remove(picture);
    });
    for (const oldest of this.#responses.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === picture) break;
      for (const each of this.#remove(oldest)) each.destroy();
    }
  }

  #remove(picture: Buffer): Set<ServerResponse> {
    const responses = this.#responses.get(picture);
    if (this.#responses.delete(picture)) this.#bytes -= picture.length;
    return responses ?? new Set();
  }
}

/**
 * Sets the headers that describe the picture, and ends the response.
 * @param now - in Unix seconds, for dates whose year has two digits
 */
export function sendPicture(
  request: IncomingMessage,
  response: ServerResponse,
  picture: Representation,
  now: number,
): void {
  const { size, type, etag, modifiedAt, body } = picture;
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', new Date(modifiedAt).toUTCString());
  if (!isWeak(etag)) response.setHeader('Accept-Ranges', 'bytes');
  const part = partOf(request, picture);
  const [start, end] = part ?? [0, size - 1];
  const success = part === undefined ? 200 : 206;
  const status = conditionOf(request, picture, now) ?? (start < size ? success : 416);
  response.statusCode = status; // Koa begins each response with 404.
  if (status === 206) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  if (status === 416) response.setHeader('Content-Range', `bytes */${size}`);
  if (status >= 300) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', end - start + 1);
  response.setTimeout(longestSilence, () => response.destroy());
  if (request.method === 'HEAD') response.end();
  else if (typeof body !== 'function') response.end(body.subarray(start, end + 1));
  else pipeline(body(start, end), response, () => {}); // a client that left or a file that shrank ends the connection
}

/** In the order of RFC 9110, 13.2.2. */
function conditionOf(
  { headers }: IncomingMessage,
  picture: Representation,
  now: number,
): 304 | 412 | undefined {
  const { etag } = picture;
  const modified = Math.floor(picture.modifiedAt / 1000);
  const match = headers['if-match'];
  const isMatched = (tag: string): boolean => tag === '*' || (tag === etag && !isWeak(etag));
  if (match !== undefined && !tagsOf(match).some(isMatched)) return 412;
  const unmodified = parseHttpDate(headers['if-unmodified-since'] ?? '', now);
  if (match === undefined && unmodified !== undefined && modified > unmodified) return 412;
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined)
    return tagsOf(noneMatch).some((tag) => tag === '*' || opaque(tag) === opaque(etag)) ? 304 : undefined;
  const since = parseHttpDate(headers['if-modified-since'] ?? '', now);
  return since !== undefined && modified <= since ? 304 : undefined;
}

function isWeak(tag: string): boolean {
  return tag.startsWith('W/');
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, '');
}

function tagsOf(value: string): readonly string[] {
  return value.trim() === '*' ? ['*'] : (value.match(/(?:W\/)?"[^"]*"/g) ?? []);
}

/**
 * The requested range. Several ranges and invalid ones get the whole, which RFC 9110, 14.2 allows. So does `If-Range`, except
 * with the strong tag of this representation: its date is the original's, and a client that has half an AVIF and now accepts
 * only WebP would join parts of both.
 * @returns first and last byte (the first is `size` or more if the range is beyond the end); undefined for the whole
 */
function partOf(
  { headers, method }: IncomingMessage,
  { size, etag }: Representation,
): readonly [start: number, end: number] | undefined {
  if (method !== 'GET' || isWeak(etag) || (headers['if-range'] ?? etag) !== etag) return undefined;
  const [, from, to] = /^bytes=[\t ]*(\d*)-(\d*)[\t ]*$/i.exec(headers.range ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  if (from === '') return [Math.max(0, size - Number(to)), size - 1];
  if (to !== '' && Number(to) < Number(from)) return undefined;
  return [Number(from), to === '' ? size - 1 : Math.min(Number(to), size - 1)];
}
