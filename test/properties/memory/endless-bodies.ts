/** Encoded bodies that an upstream can send for as long as it likes without ever giving a page away, or hardly any. */
import { gzipSync } from 'node:zlib';
import { imageSigner } from '../../../src/fetch.ts';
import { base, type Options, signerWith } from '../../support/samples.ts';

/** Options under which every page is read to its end, and none is changed: the variant of no image is allowed. */
export const unsigned: Options = Object.assign({}, base, { variants: ['of-no-image'] });

export const pieceSizes: readonly number[] = [7, 1_000, 4_096, 16_384, 65_536, 1 << 20];

/** @returns the most bytes that were held back after a piece of the page had been written */
export function heldBy(page: Uint8Array, pieceSize: number): number {
  const rewriter = signerWith(unsigned).htmlRewriter();
  let most = 0;
  let out = 0;
  for (let at = 0; at < page.length; at += pieceSize) {
    const piece = page.subarray(at, at + pieceSize);
    out += rewriter.write(piece).length;
    most = Math.max(most, at + piece.length - out);
  }
  out += rewriter.end().length;
  if (out !== page.length) throw new Error(`${page.length} bytes came, and ${out} went out`);
  return most;
}

/** The same of a body of JSON, which is rewritten over fetch, but for two pieces: those may be on their way. */
export async function heldByJson(body: Uint8Array, pieceSize: number): Promise<number> {
  let most = 0;
  let given = 0;
  let out = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        most = Math.max(most, given - out - 2 * pieceSize);
        const piece = body.subarray(given, given + pieceSize);
        given += piece.length;
        if (piece.length > 0) controller.enqueue(new Uint8Array(piece));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const sign = imageSigner({ ...unsigned, rewrite: { json: true } } as never);
  const headers = { 'content-type': 'application/json' };
  const response = await sign(new Request('https://shop.example/'), () => new Response(source, { headers }));
  for await (const chunk of response.body!) out += chunk.length;
  if (out !== body.length) throw new Error(`${body.length} bytes came, and ${out} went out`);
  return most;
}

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
