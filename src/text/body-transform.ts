/** How a response body is rewritten, chunk by chunk or as one text. */
import { asBuffer } from './bytes.ts';

/** Rewrites a response body chunk by chunk, synchronously. */
export interface BodyTransform {
  /** @returns the output that is ready; a later `write` or `end` returns the rest */
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk, or the whole body if there was no `write` */
  end(last?: Uint8Array): Uint8Array;
}

/** In bytes: longer texts are rare. */
const capacity = 768 * 1024;
let memory: Buffer | undefined;
let isInUse = false;

/**
 * Reads a text as UTF-8 bytes, in memory that all texts share. `Buffer.from` allocates memory for every text, and takes four times as
 * long for a page of 100 KB.
 * @param read - must not keep the bytes; a text that is read meanwhile gets its own memory
 */
export function readAsBytes<Result>(text: string, read: (bytes: Buffer) => Result): Result {
  if (isInUse || 3 * text.length > capacity) return read(Buffer.from(text));
  memory ??= Buffer.allocUnsafeSlow(capacity);
  isInUse = true;
  try {
    return read(memory.subarray(0, memory.write(text)));
  } finally {
    isInUse = false;
  }
}

/** Rewrites a whole text into bytes, for frameworks that accept both: nothing is encoded twice. */
export function endAsBytes(transform: BodyTransform, text: string): Buffer {
  return readAsBytes(text, (bytes) => {
    const out = asBuffer(transform.end(bytes));
    return out.buffer === bytes.buffer ? Buffer.from(out) : out;
  });
}
