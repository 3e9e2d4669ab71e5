/** Transforms streamed fetch bodies; encoded ones with the runtime's own compression streams. */
import { OriginalBytes } from '../../http/encoded-bytes.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { maxHeldContent } from '../../text/limits.ts';
import type { Bytes, ChunkReader, Reading } from './read-body.ts';

/** Codings of `DecompressionStream` and `CompressionStream`. Only some runtimes know Zstandard. */
export type WebCoding = 'gzip' | 'deflate' | 'deflate-raw' | 'zstd';

/** Whether this runtime can decode Zstandard, and encode it again. */
export function hasZstd(): boolean {
  try {
    return [DecompressionStream, CompressionStream].every((Stream) => new Stream(zstd) !== undefined);
  } catch {
    return false;
  }
}

/** The name in the next Compression standard; our types lack it. */
const zstd = 'zstd' as Format;

type Format = ConstructorParameters<typeof CompressionStream>[0];

/** Without `pipeThrough`, which in Workers costs a page more than the rewriting does. */
export function transformStream(source: ChunkReader, transform: BodyTransform): ReadableStream<Bytes> {
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
    { highWaterMark: 0 }, // reads nothing before the client does
  );
}

/**
 * Decodes, transforms and encodes a body. A corrupt body passes unchanged, or is cut off by an error if part of it is already
 * sent.
 */
export function transcodeStream(
  body: ReadableStream<Bytes>,
  coding: WebCoding,
  transform: BodyTransform,
  onCorruptBody: () => void,
): ReadableStream<Bytes> {
  const source = body.getReader();
  let original: OriginalBytes | undefined = new OriginalBytes();
  let contentLength = 0;
  const count = (length: number): void => {
    contentLength += length;
  };
  const decoder = new DecompressionStream(coding as Format); // `hasZstd` has been asked
  const transcoded = decoder.readable
    .pipeThrough(throughTransform(transform, count))
    .pipeThrough(new CompressionStream(coding as Format))
    .getReader();
  /** Starts with the first read. It stops when the decoder fails, so that the rest of the source can pass through. */
  let feeding: Promise<void> | undefined;
  let hasSourceFailed = false;
  let held: Bytes[] = [];
  let isPassthrough = false;
  /** The client is gone: errors from here on do not mean a corrupt body. */
  let isCancelled = false;

  async function feed(): Promise<void> {
    const writer = decoder.writable.getWriter();
    try {
      for (;;) {
        const { done, value } = await read();
        if (done) return await writer.close();
        original?.add(value);
        await writer.write(value);
        if (original?.isFull) throw new Error('no page in a megabyte of body');
      }
    } catch (error) {
      await writer.abort(error).catch(() => {}); // the reader of the decoder's output gets the error
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
    original = undefined;
    for (const chunk of held) controller.enqueue(chunk);
    held = [];
  }

  async function giveUp(controller: ReadableStreamDefaultController<Bytes>, error: unknown): Promise<void> {
    if (!hasSourceFailed) onCorruptBody();
    if (original === undefined) {
      await source.cancel(error);
      throw error;
    }
    isPassthrough = true;
    await feeding; // the chunk being read belongs to the original, too
    held = original.take();
    release(controller);
  }

  return new ReadableStream({
    async pull(controller) {
      feeding ??= feed();
      if (isPassthrough) {
        const { done, value } = await source.read();
        if (done) controller.close();
        else controller.enqueue(value);
        return;
      }
      for (;;) {
        try {
          const { done, value } = await transcoded.read();
          if (isCancelled) return;
          if (!done) held.push(value);
          if (done || contentLength > maxHeldContent) release(controller);
          if (done) return controller.close();
          if (original === undefined) return;
        } catch (error) {
          if (isCancelled) return;
          return giveUp(controller, error);
        }
      }
    },
    cancel(reason) {
      isCancelled = true;
      return Promise.all([transcoded.cancel(reason), source.cancel(reason)]).then(() => {});
    },
  });
}

/**
 * Decodes and transforms a body, and leaves it decoded: `CompressionStream` cannot be flushed, and would hold parts that the client
 * waits for. A corrupt body is cut off by an error.
 */
export function decodeStream(
  body: ReadableStream<Bytes>,
  coding: WebCoding,
  transform: BodyTransform,
  onCorruptBody: () => void,
): ReadableStream<Bytes> {
  const source = body.getReader();
  let hasSourceFailed = false;
  const watched = new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          hasSourceFailed = true;
          throw error;
        }
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const decoded = watched.pipeThrough(new DecompressionStream(coding as Format)).getReader();
  let isCancelled = false;
  return transformStream(
    {
      async read() {
        try {
          return await decoded.read();
        } catch (error) {
          if (!hasSourceFailed && !isCancelled) onCorruptBody();
          throw error;
        }
      },
      cancel(reason) {
        isCancelled = true;
        return Promise.all([decoded.cancel(reason), source.cancel(reason)]).then(() => {});
      },
    },
    transform,
  );
}

/** A stream that opens on the first read. */
export function openLate(
  open: () => Promise<ReadableStream<Bytes>>,
  cancelUnopened: (reason: unknown) => Promise<void>,
): ReadableStream<Bytes> {
  let opening: Promise<ReadableStreamDefaultReader<Bytes>> | undefined;
  let isOpen = false;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        opening ??= open().then((stream) => stream.getReader());
        const reader = await opening;
        isOpen = true;
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        if (isOpen) await (await opening!).cancel(reason);
        else await cancelUnopened(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Encodes a body that has no coding. */
export function encodeStream(body: ReadableStream<Bytes>, coding: WebCoding): ReadableStream<Bytes> {
  return body.pipeThrough(new CompressionStream(coding as Format));
}

/** @param onInput - called with the length of every decoded chunk */
function throughTransform(
  transform: BodyTransform,
  onInput: (length: number) => void,
): TransformStream<Bytes, Bytes> {
  const emit = (bytes: Uint8Array, controller: TransformStreamDefaultController<Bytes>): void => {
    if (bytes.length > 0) controller.enqueue(bytes as Bytes); // never over shared memory
  };
  return new TransformStream({
    transform(chunk, controller) {
      onInput(chunk.length);
      emit(transform.write(chunk), controller);
    },
    flush: (controller) => emit(transform.end(), controller),
  });
}
