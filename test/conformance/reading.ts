/** A response while it comes. Not every runtime closes a connection when it is asked to: the framing tells the end. */
import type { Socket } from 'node:net';
import { constants, gunzipSync } from 'node:zlib';
import { parse, type RawResponse } from '../support/http/raw.ts';

export class Reading {
  readonly #socket: Socket;
  readonly #method: string;
  #raw: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, method: string) {
    this.#socket = socket;
    this.#method = method;
    socket.on('error', () => {}); // `close` follows
    socket.on('data', (chunk) => {
      this.#raw = Buffer.concat([this.#raw, chunk]);
    });
  }

  /** Waits until a text has come, or so many bytes. */
  async until(what: string | number): Promise<RawResponse> {
    while (!(typeof what === 'number' ? this.#raw.length >= what : this.#raw.includes(what))) {
      if (this.#socket.closed)
        throw new Error(`'${what}' was to come, not: ${this.#raw.toString('latin1', 0, 2000)}`);
      await this.#more();
    }
    return parse(this.#raw, this.#method);
  }

  /** Waits until a text has come, in gzip or in no coding. */
  async untilDecoded(text: string): Promise<string> {
    for (;;) {
      const response = parse(this.#raw, this.#method);
      const decoded = decode(response);
      if (decoded.includes(text)) return decoded;
      if (this.#socket.closed) throw new Error(`'${text}' was to come, not: ${decoded}`);
      await this.#more();
    }
  }

  async whole(): Promise<RawResponse> {
    while (!this.#socket.closed && !this.#isWhole()) await this.#more();
    this.#socket.destroy();
    return parse(this.#raw, this.#method);
  }

  /** With a reset: what is merely closed some servers hear of when they write the next time. */
  leave(): void {
    this.#socket.resetAndDestroy();
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      const proceed = (): void => {
        this.#socket.off('data', proceed).off('close', proceed);
        resolve();
      };
      this.#socket.on('data', proceed).on('close', proceed);
    });
  }

  /** A server that says that it closes has until then to send what it must not. */
  #isWhole(): boolean {
    const headEnd = this.#raw.indexOf('\r\n\r\n');
    if (headEnd < 0) return false;
    const head = this.#raw.toString('latin1', 0, headEnd).toLowerCase();
    if (head.includes('\r\nconnection: close')) return false;
    if (this.#method === 'HEAD' || /^http\/1\.1 [23]04 /.test(head)) return true;
    const isChunked = head.includes('\r\ntransfer-encoding: chunked');
    // The head itself may end in such a line, as after `max-age=300`: only the chunks tell.
    const mayBeWhole = isChunked
      ? this.#raw.toString('latin1', this.#raw.length - 5) === '0\r\n\r\n'
      : head.includes('\r\ncontent-length:');
    return mayBeWhole && parse(this.#raw, this.#method).isComplete;
  }
}

/** As far as it has come. */
function decode({ body, header, text }: RawResponse): string {
  if (header('content-encoding') !== 'gzip' || body.length === 0) return text;
  return gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}
