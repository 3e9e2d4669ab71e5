/**
 * Counts the bytes that a decoder of `node:zlib` has produced and that no encoder has consumed yet. The memory of the
 * process would not do: it depends on when V8 collects garbage.
 */
import type { Duplex } from 'node:stream';

/** `bytesWritten` counts what zlib itself has consumed. */
type Encoder = Duplex & { readonly bytesWritten: number };
interface ZlibPrototype {
  push?: unknown;
  write?: unknown;
  end?: unknown;
}

/** Watches every decoder and encoder of two kinds until it is stopped. */
export class BytesBetween {
  readonly #prototypes: readonly ZlibPrototype[];
  readonly #encoders: Set<Encoder> = new Set();
  #decoded = 0;
  #most = 0;

  /** The two streams only name the kinds. */
  constructor(decoder: Duplex, encoder: Encoder) {
    const watch = this;
    const decoders = Object.getPrototypeOf(decoder);
    const encoders = Object.getPrototypeOf(encoder);
    this.#prototypes = [decoders, encoders];
    const { push } = decoders;
    const { write, end } = encoders;
    decoders.push = function (this: Duplex, chunk: Buffer | null, ...rest: unknown[]): boolean {
      if (chunk !== null) watch.#add(chunk.length);
      return push.call(this, chunk, ...rest);
    };
    encoders.write = function (this: Encoder, ...given: unknown[]): boolean {
      watch.#encoders.add(this);
      return write.apply(this, given);
    };
    encoders.end = function (this: Encoder, ...given: unknown[]): Encoder {
      watch.#encoders.add(this);
      return end.apply(this, given);
    };
    decoder.destroy();
    encoder.destroy();
  }

  #add(length: number): void {
    this.#decoded += length;
    let encoded = 0;
    for (const { bytesWritten } of this.#encoders) encoded += bytesWritten;
    this.#most = Math.max(this.#most, this.#decoded - encoded);
  }

  /** All bytes that decoders have produced. */
  get decoded(): number {
    return this.#decoded;
  }

  /** The most bytes that were between a decoder and an encoder at once. */
  get most(): number {
    return this.#most;
  }

  /** Takes the own properties off again: the inherited methods are back. */
  stop(): void {
    for (const prototype of this.#prototypes) {
      delete prototype.push;
      delete prototype.write;
      delete prototype.end;
    }
  }
}
