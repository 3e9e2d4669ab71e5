/**
 * Encoders and decoders for streamed bodies, over `node:zlib`. Their memory use while a page is open matters more than their speed.
 */
import type { Duplex } from 'node:stream';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** Call one method at a time, and read its output to the end. */
export interface BodyEncoder {
  write(content: Uint8Array): AsyncIterable<Buffer>;
  /** Afterwards, a decoder can read everything written so far. */
  flush(): AsyncIterable<Buffer>;
  end(): AsyncIterable<Buffer>;
  destroy(): void;
}

/** An encoder of `node:zlib` whose stream has a `flush`. */
export class StreamEncoder implements BodyEncoder {
  readonly #stream: ZlibStream<Flushable>;
  readonly #flush: number;

  /** @param flush - the argument of the stream's `flush` */
  constructor(stream: Flushable, flush: number) {
    this.#stream = new ZlibStream(stream);
    this.#flush = flush;
  }

  write(content: Uint8Array): AsyncIterable<Buffer> {
    return this.#stream.write(content);
  }

  flush(): AsyncIterable<Buffer> {
    const { stream } = this.#stream;
    return this.#stream.outputOf((done) => stream.flush(this.#flush, done));
  }

  end(): AsyncIterable<Buffer> {
    return this.#stream.end();
  }

  destroy(): void {
    this.#stream.stream.destroy();
  }
}

type Flushable = Duplex & { flush(kind: number, callback?: () => void): void };

/** How far back a match may lie (RFC 1951, 2). */
const windowLength = 32 * 1024;
/** How many bytes are encoded at once: every piece costs its own encoder and Huffman codes. */
const pieceLength = 32 * 1024;

/** The header and trailer around raw deflate in a coding. */
interface DeflateFrame {
  readonly header: Buffer;
  /** @param before - the checksum of the content before; the result covers both */
  checksum(content: Uint8Array, before: number): number;
  readonly firstChecksum: number;
  trailer(checksum: number, contentLength: number): Buffer;
}

/**
 * Encodes in deflate. A `node:zlib` stream holds 256 KiB while its page is open. This class keeps only the last 32 KiB of
 * content, as the dictionary of an encoder that lives for one piece.
 */
export class DeflateEncoder implements BodyEncoder {
  readonly #frame: DeflateFrame;
  #window: Buffer = nothing;
  /** Content that is not encoded yet; undefined if there is none. */
  #piece: Buffer | undefined;
  #pieceUsed = 0;
  #checksum: number;
  #contentLength = 0;
  #hasHeader = false;

  constructor(frame: DeflateFrame) {
    this.#frame = frame;
    this.#checksum = frame.firstChecksum;
  }

  async *write(content: Uint8Array): AsyncGenerator<Buffer> {
    for (let at = 0; at < content.length; ) {
      this.#piece ??= Buffer.allocUnsafeSlow(pieceLength);
      const part = content.subarray(at, at + pieceLength - this.#pieceUsed);
      this.#piece.set(part, this.#pieceUsed);
      this.#pieceUsed += part.length;
      at += part.length;
      if (this.#pieceUsed === pieceLength) yield* this.#encode(constants.Z_SYNC_FLUSH);
    }
  }

  async *flush(): AsyncGenerator<Buffer> {
    if (this.#pieceUsed > 0) yield* this.#encode(constants.Z_SYNC_FLUSH);
  }

  async *end(): AsyncGenerator<Buffer> {
    yield* this.#encode(constants.Z_FINISH);
    const trailer = this.#frame.trailer(this.#checksum, this.#contentLength);
    if (trailer.length > 0) yield trailer;
  }

  destroy(): void {
    this.#window = nothing;
    this.#piece = undefined;
    this.#pieceUsed = 0;
  }

  async *#encode(finishFlush: number): AsyncGenerator<Buffer> {
    if (!this.#hasHeader && this.#frame.header.length > 0) yield this.#frame.header;
    this.#hasHeader = true;
    const piece = this.#piece?.subarray(0, this.#pieceUsed) ?? nothing;
    const window = this.#window;
    this.#piece = undefined;
    this.#pieceUsed = 0;
    // Skip empty pieces: Node would restart the checksum for an empty buffer.
    if (piece.length > 0) this.#checksum = this.#frame.checksum(piece, this.#checksum);
    this.#contentLength += piece.length;
    const isLast = finishFlush === constants.Z_FINISH;
    const kept = window.subarray(Math.max(0, window.length + piece.length - windowLength));
    this.#window = isLast ? nothing : Buffer.concat([kept, piece]);
    yield await deflated(piece, { finishFlush, ...(window.length > 0 && { dictionary: window }) });
  }
}

function deflated(piece: Buffer, options: Parameters<typeof deflateRaw>[1] & object): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    deflateRaw(piece, options, (error, result) => (error === null ? resolve(result) : reject(error))),
  );
}

const nothing: Buffer = Buffer.alloc(0);

/** RFC 1952, 2.3: no name, no time, an unknown system. */
export const gzipFrame: DeflateFrame = {
  header: Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff),
  checksum: (content, before) => crc32(content, before),
  firstChecksum: 0,
  trailer(checksum, contentLength) {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum, 0);
    trailer.writeUInt32LE(contentLength % 2 ** 32, 4);
    return trailer;
  },
};

/** RFC 1950, 2.2: a window of 32 KiB and the default level. */
export const zlibFrame: DeflateFrame = {
  header: Buffer.of(0x78, 0x9c),
  checksum: adler32,
  firstChecksum: 1,
  trailer(checksum) {
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE(checksum);
    return trailer;
  },
};

export const rawFrame: DeflateFrame = {
  header: nothing,
  checksum: () => 0,
  firstChecksum: 0,
  trailer: () => nothing,
};

/** RFC 1950, 8.2 */
function adler32(content: Uint8Array, before: number): number {
  let low = before & 0xffff;
  let high = before >>> 16;
  for (let at = 0; at < content.length; ) {
    // This many bytes cannot overflow the 32-bit sums.
    for (const end = Math.min(at + 3_000, content.length); at < end; at++) {
      low += content[at]!;
      high += low;
    }
    low %= 65_521;
    high %= 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

type Done = (error?: Error | null) => void;

/** A `node:zlib` stream that gets one chunk at a time: write the next one only when its output has been read. */
export class ZlibStream<Stream extends Duplex> {
  readonly stream: Stream;
  #error: Error | undefined;
  #wake: () => void = () => {};

  constructor(stream: Stream) {
    this.stream = stream;
    for (const event of ['readable', 'end']) stream.on(event, () => this.#wake());
    stream.on('error', (error) => {
      this.#error = error;
      this.#wake();
    });
  }

  /** @throws the stream's error */
  write(chunk: Uint8Array): AsyncGenerator<Buffer> {
    return this.outputOf((done) => this.stream.write(chunk, done));
  }

  /** @throws the stream's error, such as for input that ends too early */
  end(): AsyncGenerator<Buffer> {
    return this.outputOf((done) => this.stream.once('end', done).end());
  }

  /** The output of one operation on the stream. */
  async *outputOf(operate: (done: Done) => void): AsyncGenerator<Buffer> {
    // A decoder ends where the encoded data ends. Bytes after that do not belong to it, and are never read.
    let isDone = this.stream.readableEnded;
    if (!isDone)
      operate((error) => {
        this.#error ??= error ?? undefined; // the callback comes before the `error` event
        isDone = true;
        this.#wake();
      });
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const piece = this.stream.read() as Buffer | null; // a Buffer, since no encoding is set
      if (piece !== null) yield piece;
      else if (isDone || this.stream.readableEnded) return;
      else await this.#nextEvent();
    }
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
