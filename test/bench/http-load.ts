/**
 * Load over loopback, by a client that does less for a response than the server did: it finds the end of the headers,
 * takes the length, and counts bytes. Each connection has one request under way at a time.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
/** Of `Content-Length`, and of `content-length`. */
const lengthField = Buffer.from('ength: ');
const lastChunk = Buffer.from('0\r\n\r\n');
const chunked = Buffer.from('chunked');
const zero = 0x30;

/** All sockets read into the one buffer: each callback is done with it before the next read. */
const buffer = Buffer.alloc(262_144);

export interface Load {
  /** Keeps all connections busy. @returns requests a second */
  run(milliseconds: number): Promise<number>;
  close(): void;
}

/**
 * @param size - of a response, headers and framing included: one of another size is an error; undefined for chunks that are
 *   not cut the same way each time
 */
export async function openLoad(
  port: number,
  request: string,
  size: number | undefined,
  connections: number,
): Promise<Load> {
  const bytes = Buffer.from(request, 'latin1');
  const sockets: Socket[] = [];
  let isOver = true;
  let completed = 0;
  let busy = 0;
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  for (let index = 0; index < connections; index++) {
    const reader = size === undefined ? new ChunkedReader() : new ResponseReader(size);
    const socket: Socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback(count) {
          if (!reader.read(count)) return true;
          completed++;
          if (!isOver) socket.write(bytes);
          else if (--busy === 0) resolve();
          return true;
        },
      },
    });
    await once(socket, 'connect');
    socket.on('error', (error) => reject(error));
    socket.on('close', () => reject(new Error('the server has closed a connection')));
    sockets.push(socket);
  }
  return {
    async run(milliseconds) {
      const done = new Promise<void>((whenDone, whenFailed) => {
        [resolve, reject] = [whenDone, whenFailed];
      });
      isOver = false;
      completed = 0;
      busy = connections;
      const start = performance.now();
      setTimeout(() => {
        isOver = true;
      }, milliseconds);
      for (const socket of sockets) socket.write(bytes);
      await done; // the last responses count as well, and the time that they take
      return (completed / (performance.now() - start)) * 1_000;
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads chunked responses, one after another: how each of them ends. */
class ChunkedReader {
  #tail: Buffer = Buffer.alloc(0);

  /** @returns whether a response is complete with these bytes of the buffer */
  read(count: number): boolean {
    const last = buffer.subarray(Math.max(0, count - lastChunk.length), count);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-lastChunk.length);
    return this.#tail.equals(lastChunk);
  }
}

/** Reads responses of one size, one after another. */
class ResponseReader {
  readonly #size: number;
  #got = 0;
  #isChunked = false;

  constructor(size: number) {
    this.#size = size;
  }

  /** @returns whether a response is complete with these bytes of the buffer */
  read(count: number): boolean {
    if (this.#got === 0) this.#readHead(count);
    this.#got += count;
    if (this.#got < this.#size) return false;
    if (this.#got > this.#size) throw new Error(`${this.#got} bytes came, ${this.#size} are expected`);
    this.#got = 0;
    const tail = Math.max(0, count - lastChunk.length);
    if (this.#isChunked && !lastChunk.subarray(tail - count).equals(buffer.subarray(tail, count)))
      throw new Error('a chunked body lacks its end');
    return true;
  }

  #readHead(count: number): void {
    const end = buffer.indexOf(headEnd);
    if (end < 0 || end >= count) throw new Error('the headers are cut in two');
    const head = buffer.subarray(0, end);
    const at = head.indexOf(lengthField);
    this.#isChunked = at < 0 && head.includes(chunked);
    if (at < 0) return; // chunked, or without a body
    let length = 0;
    for (let digit = at + lengthField.length; buffer[digit]! >= zero; digit++)
      length = length * 10 + buffer[digit]! - zero;
    const size = end + headEnd.length + length;
    if (size !== this.#size) throw new Error(`a response of ${size} bytes, ${this.#size} are expected`);
  }
}
