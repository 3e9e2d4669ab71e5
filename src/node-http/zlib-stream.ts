/** A coder of `node:zlib`, fed a chunk at a time: nothing more is taken in until all that it makes has been used. */
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

  /** @throws what the stream fails with */
  write(chunk: Uint8Array): AsyncGenerator<Buffer> {
    return this.pieces((done) => this.stream.write(chunk, done));
  }

  /** @throws what the stream fails with, such as that its input ends too early */
  end(): AsyncGenerator<Buffer> {
    return this.pieces((done) => this.stream.once('end', done).end());
  }

  /** What the stream makes of something that is done to it. */
  async *pieces(act: (done: Done) => void): AsyncGenerator<Buffer> {
    // A decoder has ended where the body says so: what follows is no part of it, and is never taken in.
    let isDone = this.stream.readableEnded;
    if (!isDone)
      act((error) => {
        this.#error ??= error ?? undefined; // told here before the stream's own event
        isDone = true;
        this.#wake();
      });
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const piece = this.stream.read() as Buffer | null; // no encoding is set
      if (piece !== null) yield piece;
      else if (isDone || this.stream.readableEnded) return;
      else await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
