/**
 * The functions for Zstandard of `node:zlib`, which Node.js has from 22.15 and 23.8 on. They are declared here, since the
 * types are those of the oldest Node.js that the package supports.
 */

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
  /** Of one frame. Node.js 22 takes one that is cut off for a whole one. */
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

/** Undefined where this Node.js has none. */
export const zstd: Zstd | undefined = 'createZstdDecompress' in zlib ? (zlib as unknown as Zstd) : undefined;
