/** The content codings that we can decode and encode (RFC 9110, 8.4.1). */
import type { Duplex } from 'node:stream';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib';
import { isNoCoding, isZlib } from '../../http/encoded-bytes.ts';
import {
  type BodyEncoder,
  DeflateEncoder,
  gzipFrame,
  rawFrame,
  StreamEncoder,
  zlibFrame,
} from './stream-coders.ts';
import { ZstdFrames, zstd } from './zstd.ts';

export interface Splitter {
  split(chunk: Uint8Array): readonly Uint8Array[];
  /** Whether the body may end here. */
  readonly isComplete: boolean;
}

export interface Coding {
  /**
   * @returns undefined if the body must be decoded as a stream
   * @throws for bytes that are not in this coding, and for more than `most` bytes of content
   */
  decode(bytes: Uint8Array, most: number): Buffer | undefined;
  encode(content: Uint8Array): Buffer;
  createDecoder(): Duplex;
  /** Splits chunks into parts for the decoder; undefined if the decoder takes any chunk. */
  createSplitter?(): Splitter;
  createEncoder(): BodyEncoder;
  /**
   * Whether the sender has flushed its own encoder here.
   * @param tail - at least the last four bytes received
   */
  isFlushed(tail: Uint8Array): boolean;
}

/** Half a stream's high-water mark, so that one piece never fills it. */
const chunkSize = 8 * 1024;
/** The quality that the middleware `compression` uses; zlib's default, 11, takes a hundred times as long. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
/** Holds 400 KiB instead of 640. The lower quality makes real pages 5% longer; the window does not. */
const streamedBrotli = {
  chunkSize,
  params: { [constants.BROTLI_PARAM_QUALITY]: 3, [constants.BROTLI_PARAM_LGWIN]: 18 },
};

/** `Z_SYNC_FLUSH` ends its output with an empty stored block (RFC 1951, 3.2.4). */
function isSyncFlushed(tail: Uint8Array): boolean {
  const [a, b, c, d] = tail.subarray(-4);
  return a === 0 && b === 0 && c === 0xff && d === 0xff;
}

const gzip: Coding = {
  decode: (bytes, most) => gunzipSync(bytes, { maxOutputLength: most }),
  encode: (content) => gzipSync(content),
  createDecoder: () => createGunzip(),
  createEncoder: () => new DeflateEncoder(gzipFrame),
  isFlushed: isSyncFlushed,
};
const deflate: Coding = {
  decode: (bytes, most) => inflateSync(bytes, { maxOutputLength: most }),
  encode: (content) => deflateSync(content),
  createDecoder: () => createInflate(),
  createEncoder: () => new DeflateEncoder(zlibFrame),
  isFlushed: isSyncFlushed,
};
const rawDeflate: Coding = {
  decode: (bytes, most) => inflateRawSync(bytes, { maxOutputLength: most }),
  encode: (content) => deflateRawSync(content),
  createDecoder: () => createInflateRaw(),
  createEncoder: () => new DeflateEncoder(rawFrame),
  isFlushed: isSyncFlushed,
};
const br: Coding = {
  decode: (bytes, most) => brotliDecompressSync(bytes, { maxOutputLength: most }),
  encode: (content) => brotliCompressSync(content, brotli),
  createDecoder: () => createBrotliDecompress(),
  createEncoder: () =>
    new StreamEncoder(createBrotliCompress(streamedBrotli), constants.BROTLI_OPERATION_FLUSH),
  isFlushed: () => true, // the bytes do not show it, so every chunk counts as flushed
};

/** Every frame needs its own decoder: a body of thousands of frames would make other requests wait. */
const maxWholeFrames = 16;

/** @returns undefined where Node.js cannot decode it */
function zstdCoding(): Coding | undefined {
  if (zstd === undefined) return undefined;
  const { zstdCompressSync, zstdDecompressSync, createZstdCompress, createZstdDecompress } = zstd;
  // In HTTP no frame may need more than 8 MiB of memory (RFC 9659, 3). Without a limit it could ask for 128 MiB.
  const params = { [zstd.constants.ZSTD_d_windowLogMax]: 23 };
  const { ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog, ZSTD_e_flush } = zstd.constants;
  // Holds 250 KiB instead of the default's 900. Real pages get 1% longer.
  const streamed = {
    chunkSize,
    params: { [ZSTD_c_windowLog]: 18, [ZSTD_c_hashLog]: 13, [ZSTD_c_chainLog]: 14 },
  };
  return {
    decode(bytes, most) {
      const splitter = new ZstdFrames();
      const frames = splitter.split(bytes);
      if (!splitter.isComplete) throw new Error('a frame is cut off');
      if (frames.length > maxWholeFrames) return undefined;
      const contents: Buffer[] = [];
      let left = most;
      for (const frame of frames) {
        const content = zstdDecompressSync(frame, { params, maxOutputLength: Math.max(1, left) });
        contents.push(content);
        left -= content.length;
      }
      return Buffer.concat(contents);
    },
    encode: (content) => zstdCompressSync(content),
    createDecoder: () => createZstdDecompress({ params }),
    createSplitter: () => new ZstdFrames(),
    createEncoder: () => new StreamEncoder(createZstdCompress(streamed), ZSTD_e_flush),
    isFlushed: () => true, // as for brotli
  };
}

/** A supported value of `Content-Encoding`. */
export interface ContentCoding {
  /** The exact coding, by the body's first bytes: some servers send raw deflate, without zlib's header, as `deflate`. */
  detect(first: Uint8Array): Coding;
  /** The memory of decoder and encoder while a page is open, in bytes, as measured in the middle of a page. */
  readonly heldMemory: number;
}

const KiB = 1024;

const codings: ReadonlyMap<string, ContentCoding> = new Map<string, ContentCoding>([
  ['gzip', { detect: () => gzip, heldMemory: 128 * KiB }],
  ['x-gzip', { detect: () => gzip, heldMemory: 128 * KiB }],
  // One byte is enough. Read as raw deflate, a zlib header would be a stored block with padding bits set, and no
  // encoder writes those.
  [
    'deflate',
    {
      detect: (first) => (isZlib(first) === false ? rawDeflate : deflate),
      heldMemory: 128 * KiB,
    },
  ],
  ['br', { detect: () => br, heldMemory: 512 * KiB }],
  ...zstdEntry(),
]);

function zstdEntry(): [string, ContentCoding][] {
  const coding = zstdCoding();
  return coding === undefined ? [] : [['zstd', { detect: () => coding, heldMemory: 512 * KiB }]];
}

/** @returns undefined for no coding; `'unknown'` for a coding that we cannot decode, or several of them */
export function parseContentCoding(field: string | undefined): ContentCoding | 'unknown' | undefined {
  const name = (field ?? '').trim().toLowerCase();
  return isNoCoding(name) ? undefined : (codings.get(name) ?? 'unknown');
}

/** The coding for a live body, whose client acts on every part at once: every chunk counts as flushed. */
export function flushingAlways(coding: ContentCoding): ContentCoding {
  return { ...coding, detect: (first) => ({ ...coding.detect(first), isFlushed: () => true }) };
}
