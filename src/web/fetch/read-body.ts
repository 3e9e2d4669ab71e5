/**
 * Reads bodies of the fetch standard: as a whole where they are complete already, or by their chunks.
 *
 * `@hono/node-server` puts a `Response` of its own in place of Node's. It keeps its arguments until something asks for the body,
 * and only then makes a real response of them: that encodes a page of 100 KB, which takes twice as long as rewriting it. Nothing
 * public gives the text of such an unread response, so it is read where versions 1 and 2 keep it; everything unexpected counts
 * as read.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Bytes>['read']>>;
export type Reading = Promise<Read>;

/** What a body is read by. */
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
 * Reads a body that is already there, such as that of `new Response(text)`: it arrives as one chunk, with the end right
 * behind it. A body that takes any longer is not waited for.
 * @returns the whole body, or what reads it from its start
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
 * Workers hand a body out in chunks of 4 KiB, whatever is there, unless they get a buffer to fill: then in what fits. A
 * read does not wait until the buffer is full.
 * @returns undefined in other runtimes, which give chunks as they were written, and for streams written in JavaScript
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
      // A slow source that sends little gets smaller buffers.
      size = Math.min(firstChunk, Math.max(smallestChunk, 2 * value.length));
      return { done, value };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/**
 * How many turns of the microtask queue a read may take to count as immediate. Node.js resolves a read of a
 * buffered body in two; the rest is a margin for other runtimes. A body that takes longer is streamed, which is right as
 * well, only slower. No timer or socket event fits between two turns, so a slow source never delays a page here.
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

/** What holds the arguments as `[status, body, headers]`. It is deleted when the real response is made. */
const description = 'cache';

/** Found on the first response that has it; a runtime has one copy of the server, others are not looked into. */
let argumentsSymbol: symbol | undefined;

/** Whether asking for the body would make a real response, which fails for one that the standard does not allow. */
export function isUnread(response: Response): boolean {
  return argumentsOf(response) !== undefined;
}

/** @returns undefined for a response whose body is anything but such a text */
export function unreadTextOf(response: Response): string | undefined {
  const [status, body] = argumentsOf(response) ?? [];
  return status === response.status && typeof body === 'string' ? body : undefined;
}

/**
 * The type that the arguments name, or that the standard gives to the body. Asking for `headers` would make real `Headers`
 * of them, and the server would send them the long way: that is most of what an answer that is no page costs. It would also
 * put plain text in place of a type that nobody has named, such as that of a `Blob`.
 * @returns undefined if the headers have to be asked for it
 */
export function unreadTypeOf(response: Response): string | undefined {
  const [, body, fields] = argumentsOf(response) ?? [undefined, undefined, null];
  const ofBody = body instanceof Blob ? body.type : typeof body === 'string' ? typeOfText : '';
  if (fields === undefined) return ofBody;
  const isPlain =
    typeof fields === 'object' &&
    fields !== null &&
    Object.getPrototypeOf(fields) === Object.prototype &&
    !(Symbol.iterator in fields); // `Headers` would read it as a list
  if (!isPlain) return undefined;
  const [name, ...others] = Object.getOwnPropertyNames(fields).filter(
    (each) => each.toLowerCase() === 'content-type',
  );
  if (name === undefined) return ofBody;
  const type: unknown = Reflect.get(fields, name);
  const isOne = others.length === 0 && typeof type === 'string';
  return isOne && type === type.trim() ? type : undefined; // `Headers` takes white space off
}

/** Of a text without a type (Fetch standard, "extract a body"). */
const typeOfText = 'text/plain;charset=UTF-8';

/**
 * Makes an unread response a real one, whose headers have the type of the `Blob`. One without a type stays: its headers have
 * the default of the server, which a real one would lose in the answer to HEAD.
 */
export function readBlob(response: Response): void {
  const body = argumentsOf(response)?.[1];
  if (body instanceof Blob && body.type !== '') response.body;
}

function argumentsOf(response: Response): readonly unknown[] | undefined {
  argumentsSymbol ??= Object.getOwnPropertySymbols(response).find((each) => each.description === description);
  if (argumentsSymbol === undefined || !Object.hasOwn(response, argumentsSymbol)) return undefined;
  const kept: unknown = Reflect.get(response, argumentsSymbol);
  return Array.isArray(kept) && kept.length === 3 ? kept : undefined;
}
