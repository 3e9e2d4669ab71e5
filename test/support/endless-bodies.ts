/** Encoded bodies that an upstream can send for as long as it likes without ever giving a page away, or hardly any. */
import { gzipSync } from 'node:zlib';

export interface EndlessBody {
  readonly coding: 'gzip' | 'deflate' | 'br';
  /** What comes first, and what is repeated behind it. */
  readonly begins: Uint8Array;
  readonly goesOn: Uint8Array;
}

/** RFC 1952, 2.3; the flags say which fields of any length follow. */
const gzipHeader = (flags: number): Uint8Array => Uint8Array.of(0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3);
const noHeader = new Uint8Array();
const zlibHeader = Uint8Array.of(0x78, 0x9c);
const text = new Uint8Array(4096).fill(0x61);

/** Blocks of fixed Huffman codes with nothing in them, four in five bytes (RFC 1951, 3.2.6). */
const emptyBlocks = bytesOf('0100000000'.repeat(4));
/** One with nothing in it as it is, which is how an encoder flushes (3.2.4). */
const storedBlock = Uint8Array.of(0, 0, 0, 0xff, 0xff);

/** Bits in the order in which they are packed, the least significant first. */
function bytesOf(bits: string): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  for (let at = 0; at < bits.length; at++) if (bits[at] === '1') bytes[at >> 3]! |= 1 << (at & 7);
  return bytes;
}

/** Metadata of brotli, 256 bytes a block (RFC 7932, 9.2). */
const metadata = Buffer.concat([Buffer.of(0xd6, 0x3f), new Uint8Array(256)]);

/** Those that nothing comes of, so that all of it would have to be kept. */
export const endlessBodies: Readonly<Record<string, EndlessBody>> = {
  'a file name in the header of gzip': { coding: 'gzip', begins: gzipHeader(8), goesOn: text },
  'a comment in the header of gzip': { coding: 'gzip', begins: gzipHeader(16), goesOn: text },
  'members of gzip with nothing in them': { coding: 'gzip', begins: noHeader, goesOn: gzipSync('') },
  'empty blocks in gzip': { coding: 'gzip', begins: gzipHeader(0), goesOn: emptyBlocks },
  'empty blocks in zlib': { coding: 'deflate', begins: zlibHeader, goesOn: emptyBlocks },
  'empty blocks in bare deflate': {
    coding: 'deflate',
    begins: noHeader,
    goesOn: emptyBlocks,
  },
};

/** Those whose sender seems to flush: what there is goes out, so that nothing is kept. */
export const flushedBodies: Readonly<Record<string, EndlessBody>> = {
  'flushes in gzip': { coding: 'gzip', begins: gzipHeader(0), goesOn: storedBlock },
  'flushes in zlib': { coding: 'deflate', begins: zlibHeader, goesOn: storedBlock },
  'metadata in brotli': {
    coding: 'br',
    begins: Buffer.concat([Buffer.of(0xac, 0x7f), new Uint8Array(256)]),
    goesOn: metadata,
  },
};

/** In chunks of a size, so many bytes in all. */
export function* chunksOf(
  { begins, goesOn }: EndlessBody,
  size: number,
  total: number,
): Generator<Uint8Array<ArrayBuffer>> {
  // Whole units, so that a chunk's end is a unit's: what ends in a flush says so.
  const count = Math.max(1, Math.floor(size / goesOn.length));
  const chunk = Buffer.concat(Array.from({ length: count }, () => goesOn));
  let sent = begins.length;
  if (sent > 0) yield new Uint8Array(begins);
  for (; sent < total; sent += chunk.length) yield new Uint8Array(chunk);
}
