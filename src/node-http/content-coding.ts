/** The content codings that can be taken off a body and put on again (RFC 9110, 8.4.1); nothing of what is inside. */

import type { Duplex } from 'node:stream';
import {
  type BrotliCompress,
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createDeflateRaw,
  createGunzip,
  createGzip,
  createInflate,
  createInflateRaw,
  type Deflate,
  deflateRawSync,
  deflateSync,
  type Gzip,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { isBrotli, isGzip, isZlib } from '../http/magic-bytes.ts';

/** A stream that can be told to give out all that it has been given. */
export type Encoder = Gzip | Deflate | BrotliCompress;

export interface Coding {
  /** @throws for bytes that are not in this coding, and for more than `most` bytes of content */
  decode(bytes: Uint8Array, most: number): Buffer;
  encode(content: Uint8Array): Buffer;
  createDecoder(): Duplex;
  createEncoder(): Encoder;
  /** What the encoder's `flush` takes. */
  readonly flush: number;
  /** Whether the sender has flushed after these bytes, the last four or more of what came. */
  isFlushed(tail: Uint8Array): boolean;
}

/** Half of what a stream takes before it says that it is full. */
const chunkSize = 8 * 1024;
/** As the middleware `compression` does: the encoder's own, 11, takes a hundred times as long. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

/** An empty stored block ends what `Z_SYNC_FLUSH` gives out (RFC 1951, 3.2.4). */
function isSyncFlushed(tail: Uint8Array): boolean {
  const [a, b, c, d] = tail.subarray(-4);
  return a === 0 && b === 0 && c === 0xff && d === 0xff;
}

const ofZlib = { flush: constants.Z_SYNC_FLUSH, isFlushed: isSyncFlushed };

const gzip: Coding = {
  decode: (bytes, most) => gunzipSync(bytes, { maxOutputLength: most }),
  encode: (content) => gzipSync(content),
  createDecoder: () => createGunzip(),
  createEncoder: () => createGzip({ chunkSize }),
  ...ofZlib,
};
const deflate: Coding = {
  decode: (bytes, most) => inflateSync(bytes, { maxOutputLength: most }),
  encode: (content) => deflateSync(content),
  createDecoder: () => createInflate(),
  createEncoder: () => createDeflate({ chunkSize }),
  ...ofZlib,
};
const rawDeflate: Coding = {
  decode: (bytes, most) => inflateRawSync(bytes, { maxOutputLength: most }),
  encode: (content) => deflateRawSync(content),
  createDecoder: () => createInflateRaw(),
  createEncoder: () => createDeflateRaw({ chunkSize }),
  ...ofZlib,
};
const br: Coding = {
  decode: (bytes, most) => brotliDecompressSync(bytes, { maxOutputLength: most }),
  encode: (content) => brotliCompressSync(content, brotli),
  createDecoder: () => createBrotliDecompress(),
  createEncoder: () => createBrotliCompress({ chunkSize, ...brotli }),
  flush: constants.BROTLI_OPERATION_FLUSH,
  isFlushed: () => true, // nothing in the bytes tells
};

/** A `Content-Encoding`, as far as it can be read. */
export interface ContentCoding {
  /** Which coding the body's first bytes are in: what some servers call `deflate` lacks the header of zlib. */
  detect(first: Uint8Array): Coding;
  /**
   * Whether a body that begins so is in this coding at all, rather than text.
   * @param isWhole - there are no more bytes
   * @returns undefined where more of them have to be seen
   */
  isEncoded(first: Uint8Array, isWhole: boolean): boolean | undefined;
}

const codings: ReadonlyMap<string, ContentCoding> = new Map<string, ContentCoding>([
  ['gzip', { detect: () => gzip, isEncoded: isGzip }],
  ['x-gzip', { detect: () => gzip, isEncoded: isGzip }],
  // One byte does: without that header, it would be a stored block whose padding is not zero, which nobody writes.
  ['deflate', { detect: (first) => (isZlib(first) === false ? rawDeflate : deflate), isEncoded: isZlib }],
  ['br', { detect: () => br, isEncoded: isBrotli }],
]);

/** @returns undefined for a body as it is; `'unknown'` for codings that cannot be taken off, several among them */
export function parseContentCoding(field: string | undefined): ContentCoding | 'unknown' | undefined {
  const name = (field ?? '').trim().toLowerCase();
  return name === '' || name === 'identity' ? undefined : (codings.get(name) ?? 'unknown');
}
