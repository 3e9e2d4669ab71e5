/** A stream of `node:zlib` that is fed one chunk at a time: it takes no more until all of its output has been read. */
import type { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

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

  /** @throws the stream's error, for example for input that ends too early */
  end(): AsyncGenerator<Buffer> {
    return this.outputOf((done) => this.stream.once('end', done).end());
  }

  /** The output of one operation on the stream. */
  async *outputOf(operate: (done: Done) => void): AsyncGenerator<Buffer> {
    // A decoder ends where the encoded data says so. What follows is not part of it, and is never read.
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
