/** The parts of Zstandard that Node.js lacks: detecting the coder, and finding where the frames of a body end. */
import type { Transform } from 'node:stream';
import zlib, { type Zlib } from 'node:zlib';

type ZstdEncoder = Transform & Zlib & { flush(kind: number, callback?: () => void): void };

interface ZstdOptions {
  readonly params?: Readonly<Record<number, number>>;
  readonly maxOutputLength?: number;
  readonly chunkSize?: number;
}

interface Zstd {
  zstdCompressSync(content: Uint8Array): Buffer;
  /** Decodes one frame. Node.js 22 accepts a truncated frame as complete. */
  zstdDecompressSync(frame: Uint8Array, options: ZstdOptions): Buffer;
  createZstdCompress(options: ZstdOptions): ZstdEncoder;
  createZstdDecompress(options: ZstdOptions): Transform & Zlib;
  readonly constants: Readonly<
    Record<
      'ZSTD_e_flush' | 'ZSTD_d_windowLogMax' | 'ZSTD_c_windowLog' | 'ZSTD_c_hashLog' | 'ZSTD_c_chainLog',
      number
    >
  >;
}

/**
 * The Zstandard functions of `node:zlib`, from Node.js 22.15 and 23.8 on; undefined without them. They are declared here because
 * our types are those of the oldest supported Node.js.
 */
export const zstd: Zstd | undefined = 'createZstdDecompress' in zlib ? (zlib as unknown as Zstd) : undefined;

type Field =
  | 'magic-number'
  | 'skippable-length'
  | 'skippable-data'
  | 'descriptor'
  | 'header'
  | 'block-header'
  | 'block'
  | 'checksum'
  | 'unknown';

/** The fields whose values matter; all others are skipped. */
const readFields: ReadonlySet<Field> = new Set([
  'magic-number',
  'skippable-length',
  'descriptor',
  'block-header',
]);

/**
 * Finds where the frames of a Zstandard body end (RFC 8878, 3.1). A body may have several, including skippable frames. The decoder
 * of Node.js 24 stops at the end of a frame, and silently drops the rest of the chunk; that of Node.js 22 accepts a truncated
 * frame as complete.
 */
export class ZstdFrames {
  #field: Field = 'magic-number';
  /** How many bytes of the field have not arrived yet. */
  #left = 4;
  /** The bytes of the field so far, as a little-endian number. */
  #value = 0;
  #weight = 1;
  #isLastBlock = false;
  #hasChecksum = false;

  /** Splits the next chunk after every frame that ends in it. */
  split(chunk: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      if (readFields.has(this.#field)) this.#read(chunk[at++]!);
      else at += this.#skip(chunk.length - at);
      let hasEnded = false;
      while (this.#left === 0) hasEnded = this.#nextField() || hasEnded;
      if (!hasEnded) continue;
      parts.push(chunk.subarray(from, at));
      from = at;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    return parts;
  }

  /** Whether the last chunk has ended with a frame. */
  get isComplete(): boolean {
    return this.#field === 'magic-number' && this.#left === 4;
  }

  #read(byte: number): void {
    this.#value += byte * this.#weight;
    this.#weight *= 256;
    this.#left--;
  }

  /** @returns how many bytes were skipped */
  #skip(available: number): number {
    const length = Math.min(this.#left, available);
    this.#left -= length;
    return length;
  }

  /** @returns whether the completed field was the last one of its frame */
  #nextField(): boolean {
    const value = this.#value;
    switch (this.#field) {
      case 'magic-number':
        if (value === 0xfd2fb528) this.#begin('descriptor', 1);
        else if (value >>> 4 === 0x184d2a5) this.#begin('skippable-length', 4);
        else this.#begin('unknown', Infinity); // the decoder refuses it
        return false;
      case 'skippable-length':
        this.#begin('skippable-data', value);
        return false;
      case 'descriptor':
        this.#hasChecksum = (value & 4) !== 0;
        this.#begin('header', headerLength(value));
        return false;
      case 'block-header':
        this.#isLastBlock = (value & 1) !== 0;
        this.#begin('block', ((value >> 1) & 3) === runLengthBlock ? 1 : value >> 3);
        return false;
      case 'block':
        if (this.#isLastBlock && !this.#hasChecksum) break;
        if (this.#isLastBlock) this.#begin('checksum', 4);
        else this.#begin('block-header', 3);
        return false;
      case 'header':
        this.#begin('block-header', 3);
        return false;
      case 'unknown':
        return false;
      case 'skippable-data':
      case 'checksum':
        break;
    }
    this.#begin('magic-number', 4);
    return true;
  }

  #begin(field: Field, length: number): void {
    this.#field = field;
    this.#left = length;
    this.#value = 0;
    this.#weight = 1;
  }
}

/** The type of a block that repeats a single byte (3.1.1.2.2). */
const runLengthBlock = 1;

/** The length of the fields after the descriptor: window, dictionary and content size (3.1.1.1.1). */
function headerLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const contentSize = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  return (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSize;
}
