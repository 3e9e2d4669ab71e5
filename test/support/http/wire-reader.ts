/** Reads responses from a connection one after another, by their framing alone; at any speed. */
import { connect, type Socket } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';

export interface WireResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  header(name: string): string | undefined;
  readonly body: Buffer;
  readonly trailers: string;
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  /** Whether it ended as its framing says. */
  readonly isComplete: boolean;
}

export type Pace = 'fast' | 'slow' | 'late';

const headEnd = '\r\n\r\n';
const lineEnd = '\r\n';

export class WireReader {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #length = 0;
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
      this.#length += chunk.length;
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
    const head = await this.#until(headEnd);
    if (head === undefined) return undefined;
    const [statusLine = '', ...lines] = head.split(lineEnd);
    const headers = lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const header = (name: string): string | undefined => headers.find(([each]) => each === name)?.[1];
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no response begins here: ${head.slice(0, 60)}`);
    const framed = await this.#body(method === 'HEAD', header);
    return { status, headers, header, trailers: '', ...framed };
  }

  async #body(isHead: boolean, header: WireResponse['header']): Promise<Framed> {
    if (isHead) return { body: Buffer.alloc(0), framing: 'none', isComplete: true };
    if (header('transfer-encoding') === 'chunked') return await this.#chunked();
    const length = header('content-length');
    const body = await this.#take(length === undefined ? Number.POSITIVE_INFINITY : Number(length));
    if (length === undefined) return { body, framing: 'close', isComplete: true };
    return { body, framing: 'length', isComplete: body.length === Number(length) };
  }

  async #chunked(): Promise<Framed> {
    const parts: Buffer[] = [];
    const framed = (isComplete: boolean, trailers = ''): Framed => {
      return { body: Buffer.concat(parts), framing: 'chunked', isComplete, trailers };
    };
    for (;;) {
      const size = await this.#until(lineEnd);
      if (size === undefined) return framed(false);
      if (!/^[0-9a-f]+$/.test(size)) throw new Error(`no chunk begins here: ${size.slice(0, 60)}`);
      const length = Number.parseInt(size, 16);
      if (length === 0) break;
      const part = await this.#take(length + 2);
      parts.push(part.subarray(0, length));
      if (part.length < length + 2) return framed(false);
      if (part.toString('latin1', length) !== lineEnd) throw new Error('a chunk is longer than it says');
    }
    const trailers: string[] = [];
    for (;;) {
      const line = await this.#until(lineEnd);
      if (line === undefined) return framed(false);
      if (line === '') return framed(true, trailers.join(lineEnd));
      trailers.push(line);
    }
  }

  /** The text before a mark, which is taken off too. */
  async #until(mark: string): Promise<string | undefined> {
    for (;;) {
      const all = this.#joined();
      const at = all.indexOf(mark);
      if (at >= 0) {
        this.#keep(all.subarray(at + mark.length));
        return all.toString('latin1', 0, at);
      }
      if (this.#isClosed) return undefined;
      await this.#news();
    }
  }

  /** So many bytes, or what there is before the connection closes. */
  async #take(length: number): Promise<Buffer> {
    while (this.#length < length && !this.#isClosed) await this.#news();
    const all = this.#joined();
    this.#keep(all.subarray(length));
    return all.subarray(0, length);
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #keep(rest: Buffer): void {
    this.#chunks = [rest];
    this.#length = rest.length;
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

type Framed = Pick<WireResponse, 'body' | 'framing' | 'isComplete'> & { readonly trailers?: string };
