/**
 * One connection that stays open, over `net`: a request at a time, and the bytes of its response as they came. It may
 * break off at a byte, as visitors do; it knows nothing of what a response should say.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type RawResponse, responseAt } from './raw.ts';

export interface Exchange {
  /** The whole request. */
  readonly text: string;
  readonly method?: string;
  /** So many bytes of the response are read, and then the connection is cut. */
  readonly abortAfter?: number | undefined;
}

export interface Answer {
  readonly raw: Buffer;
  readonly response: RawResponse;
}

/** So long, in milliseconds, a server may say nothing in the middle of a response. */
const patience = 20_000;

export class KeepAliveConnection {
  readonly #socket: Socket;
  #isCut = false;
  #take: ((chunk: Buffer | undefined) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {}); // `close` follows
    socket.on('data', (chunk) => this.#take?.(chunk));
    socket.on('close', () => this.#take?.(undefined));
    socket.setTimeout(patience, () => socket.destroy());
  }

  static async open(port: number): Promise<KeepAliveConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new KeepAliveConnection(socket);
  }

  get isOpen(): boolean {
    return !this.#isCut && !this.#socket.destroyed && !this.#socket.readableEnded;
  }

  close(): void {
    this.#isCut = true;
    this.#socket.destroy();
  }

  /** @returns undefined where it was cut; throws where the server has closed before the response was complete */
  send({ text, method = 'GET', abortAfter }: Exchange): Promise<Answer | undefined> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const settle = (): void => {
        this.#take = undefined;
      };
      this.#take = (chunk) => {
        if (chunk === undefined) {
          settle();
          reject(new Error(`closed after ${length} bytes of the response to ${text.split('\r\n')[0]}`));
          return;
        }
        chunks.push(chunk);
        length += chunk.length;
        if (abortAfter !== undefined && length > abortAfter) {
          settle();
          this.close();
          resolve(undefined);
          return;
        }
        const answer = completeAnswer(chunks, method);
        if (answer === undefined) return;
        settle();
        resolve(answer);
      };
      this.#socket.write(text, 'latin1');
      if (abortAfter === undefined || abortAfter > 0) return;
      // Nothing of the response is read: the request alone has gone out.
      settle();
      this.#isCut = true;
      this.#socket.destroySoon();
      resolve(undefined);
    });
  }
}

function completeAnswer(chunks: readonly Buffer[], method: string): Answer | undefined {
  const raw = Buffer.concat(chunks);
  const response = responseAt(raw, 0, method);
  // Without a length the body ends with the connection, which is to stay.
  if (response?.framing === 'close') throw new Error(`no framing in ${response.headers}`);
  return response?.isComplete ? { raw, response } : undefined;
}
