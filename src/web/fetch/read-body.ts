/** Reads fetch bodies: whole if they are already complete, otherwise chunk by chunk. */

export type Bytes = Uint8Array<ArrayBuffer>;

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Bytes>['read']>>;
export type Reading = Promise<Read>;

/** The reader of a body. */
export interface ChunkReader {
  read(): Reading;
  cancel(reason: unknown): Promise<void>;
}

/**
 * Restores a stream from which chunks have been read.
 * @param read - the reads so far, pending ones included
 */
export function resume(read: Reading[], rest: ReadableStreamDefaultReader<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await (read.shift() ?? rest.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => rest.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * Reads a body that is already complete, such as that of `new Response(text)`: one chunk, and the end right after it. It does not wait
 * for any other body.
 * @returns the whole body, or a reader from its start
 */
export async function readWhole(body: ReadableStream<Bytes>): Promise<Bytes | ChunkReader> {
  const large = largeChunksOf(body);
  if (large !== undefined) return large;
  const reader = body.getReader();
  const first = reader.read();
  const chunk = await ifImmediate(first);
  if (chunk === undefined || chunk.done) return withRead([first], reader);
  const second = reader.read();
  return (await ifImmediate(second))?.done === true ? chunk.value : withRead([first, second], reader);
}

/** @param read - the reads so far, pending ones included */
function withRead(read: Reading[], rest: ReadableStreamDefaultReader<Bytes>): ChunkReader {
  return { read: () => read.shift() ?? rest.read(), cancel: (reason) => rest.cancel(reason) };
}

const firstChunk = 131_072;
const smallestChunk = 4_096;

/**
 * Workers return a body in chunks of 4 KiB, unless they get a larger buffer to fill. A read does not wait until the buffer is full.
 * @returns undefined in other runtimes, which return chunks as they were written, and for streams written in JavaScript
 */
function largeChunksOf(body: ReadableStream<Bytes>): ChunkReader | undefined {
  const isInWorkers =
    typeof ReadableStreamBYOBReader === 'function' && 'readAtLeast' in ReadableStreamBYOBReader.prototype;
  if (!isInWorkers) return undefined;
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
  let size = firstChunk;
  return {
    async read() {
      const { done, value } = await reader.read(new Uint8Array(size));
      if (done) return { done, value: undefined };
      // A slow source gets smaller buffers.
      size = Math.min(firstChunk, Math.max(smallestChunk, 2 * value.length));
      return { done, value };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/**
 * How many turns of the microtask queue a read may take to count as immediate. Node.js resolves a read of a
 * buffered body in two; the rest is a margin for other runtimes. A body that takes longer is streamed, which is correct
 * too, only slower. No timer or socket event fits between two turns, so a slow source never delays a page here.
 */
const maxTurns = 16;

/** @returns undefined if nothing has arrived yet, or the read has failed */
async function ifImmediate(reading: Reading): Promise<Read | undefined> {
  let result: Read | undefined;
  reading.then(
    (read) => {
      result = read;
    },
    () => {},
  );
  for (let turn = 0; turn < maxTurns && result === undefined; turn++) await undefined;
  return result;
}
