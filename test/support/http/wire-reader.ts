/** Reads responses from a connection one after another, by their framing alone; at any speed. */
import { connect, type Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { type FramedResponse, responseAt } from './raw.ts';

export type WireResponse = FramedResponse;

export type Pace = 'fast' | 'slow' | 'late';

export class WireReader {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #total = 0;
  #isClosed = false;
  #wake: () => void = () => {};
  /** The connection is cut once so many bytes have come. */
  #cut: { readonly after: number; readonly isReset: boolean } | undefined;

  constructor(port: number, pace: Pace) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', () => {}); // `close` follows
    this.#socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
    if (pace === 'late') void this.#wait(60).then(() => this.#start(pace));
    else this.#start(pace);
  }

  #start(pace: Pace): void {
    this.#socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#total += chunk.length;
      if (this.#cut !== undefined && this.#total > this.#cut.after) this.close(this.#cut.isReset);
      else if (pace === 'slow') void this.#wait(3);
      this.#wake();
    });
  }

  async #wait(turns: number): Promise<void> {
    this.#socket.pause();
    for (let at = 0; at < turns; at++) await immediate();
    this.#socket.resume();
  }

  /** How many bytes have come. */
  get total(): number {
    return this.#total;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** @param after - counted from here on */
  cutAfter(after: number, isReset: boolean): void {
    this.#cut = { after: this.#total + after, isReset };
  }

  close(isReset = false): void {
    if (isReset) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** @returns undefined where the connection is closed before a response has begun */
  async read(method: string): Promise<WireResponse | undefined> {
    for (;;) {
      if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
      const [raw = Buffer.alloc(0)] = this.#chunks;
      const response = responseAt(raw, 0, method);
      const isOver = response?.isComplete && response.framing !== 'close';
      if (isOver || this.#isClosed) {
        this.#chunks = response === undefined ? [] : [raw.subarray(response.end)];
        return response;
      }
      await this.#news();
    }
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
