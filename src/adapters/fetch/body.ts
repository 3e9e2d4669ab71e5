/** Bodies of the fetch standard, transformed as they stream; encoded ones by the runtime's own coders. */
import type { BodyTransform } from '../../body-transform.ts';
import { OriginalBytes } from '../../http/original-bytes.ts';
import { maxHeldContent } from '../../limits.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** What the runtime can take off and put on again; it knows no brotli. */
export type WebCoding = 'gzip' | 'deflate' | 'deflate-raw';

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Bytes>['read']>>;
export type Reading = Promise<Read>;

/** By hand: in Workers `pipeThrough` costs a page more than the rewriting does. */
export function transformStream(
  body: ReadableStream<Bytes>,
  transform: BodyTransform,
): ReadableStream<Bytes> {
  const source = body.getReader();
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await source.read();
          const out = (done ? transform.end() : transform.write(value)) as Bytes; // never over shared memory
          if (out.length > 0) controller.enqueue(out);
          if (done) return controller.close();
          if (out.length > 0) return;
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 }, // nothing is read before it is asked for
  );
}

/** A stream some of which has been read, or asked for, as it was before. */
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
 * A body that is there as a whole, as that of a `Response` that was made of a string, comes in one chunk and ends
 * right behind it. Nothing else is waited for: whatever takes longer than that is a stream.
 */
export async function readWhole(body: ReadableStream<Bytes>): Promise<Bytes | ReadableStream<Bytes>> {
  const reader = body.getReader();
  const first = reader.read();
  const chunk = await atOnce(first);
  if (chunk === undefined || chunk.done) return resume([first], reader);
  const second = reader.read();
  return (await atOnce(second))?.done === true ? chunk.value : resume([first, second], reader);
}

/** Turns of the microtask queue that a stream of the runtime's own takes to hand out what it has, and some more. */
const turns = 16;

/** @returns undefined for what is not there yet, or has failed */
async function atOnce(reading: Reading): Promise<Read | undefined> {
  let result: Read | undefined;
  reading.then(
    (read) => {
      result = read;
    },
    () => {},
  );
  for (let turn = 0; turn < turns && result === undefined; turn++) await undefined;
  return result;
}

/**
 * Decodes, transforms and encodes again. What turns out corrupt passes as it came, or breaks off where a part of it has
 * gone out.
 * @param corrupt - hears of it
 */
export function transcodeStream(
  body: ReadableStream<Bytes>,
  coding: WebCoding,
  transform: BodyTransform,
  corrupt: () => void,
): ReadableStream<Bytes> {
  const source = body.getReader();
  let kept: OriginalBytes | undefined = new OriginalBytes();
  let contentLength = 0;
  const count = (length: number): void => {
    contentLength += length;
  };
  const decoder = new DecompressionStream(coding);
  const recoded = decoder.readable
    .pipeThrough(throughTransform(transform, count))
    .pipeThrough(new CompressionStream(coding))
    .getReader();
  /** The source is read once something is asked for, and is let be when the decoder fails: what is left may pass. */
  let feeding: Promise<void> | undefined;
  let hasSourceFailed = false;
  let held: Bytes[] = [];
  let isRaw = false;

  async function feed(): Promise<void> {
    const writer = decoder.writable.getWriter();
    try {
      for (;;) {
        const { done, value } = await read();
        if (done) return await writer.close();
        kept?.add(value);
        await writer.write(value);
        if (kept?.isFull) throw new Error('a megabyte of it is no page');
      }
    } catch (error) {
      await writer.abort(error).catch(() => {}); // whoever reads what comes out hears of it
    }
  }

  async function read(): Reading {
    try {
      return await source.read();
    } catch (error) {
      hasSourceFailed = true;
      throw error;
    }
  }

  function release(controller: ReadableStreamDefaultController<Bytes>): void {
    kept = undefined;
    for (const chunk of held) controller.enqueue(chunk);
    held = [];
  }

  async function giveUp(controller: ReadableStreamDefaultController<Bytes>, error: unknown): Promise<void> {
    if (!hasSourceFailed) corrupt();
    if (kept === undefined) {
      await source.cancel(error);
      throw error;
    }
    isRaw = true;
    await feeding; // the chunk that is on its way belongs to what is kept
    held = kept.take();
    release(controller);
  }

  return new ReadableStream({
    async pull(controller) {
      feeding ??= feed();
      if (isRaw) {
        const { done, value } = await source.read();
        if (done) controller.close();
        else controller.enqueue(value);
        return;
      }
      for (;;) {
        try {
          const { done, value } = await recoded.read();
          if (!done) held.push(value);
          if (done || contentLength > maxHeldContent) release(controller);
          if (done) return controller.close();
          if (kept === undefined) return;
        } catch (error) {
          return giveUp(controller, error);
        }
      }
    },
    cancel: (reason) => Promise.all([recoded.cancel(reason), source.cancel(reason)]).then(() => {}),
  });
}

/** @param taken - hears how many bytes came */
function throughTransform(
  transform: BodyTransform,
  taken: (length: number) => void,
): TransformStream<Bytes, Bytes> {
  const emit = (bytes: Uint8Array, controller: TransformStreamDefaultController<Bytes>): void => {
    if (bytes.length > 0) controller.enqueue(bytes as Bytes); // never over shared memory
  };
  return new TransformStream({
    transform(chunk, controller) {
      taken(chunk.length);
      emit(transform.write(chunk), controller);
    },
    flush: (controller) => emit(transform.end(), controller),
  });
}
