/** How a response body is rewritten, chunk by chunk or as one text. */
import { asBuffer } from './bytes.ts';

/** Rewrites a response body chunk by chunk, synchronously. */
export interface BodyTransform {
  /** @returns the output that is ready; a later `write` or `end` returns the rest */
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk, or the whole body if there was no `write` */
  end(last?: Uint8Array): Uint8Array;
  /** Like `end`, for a whole body as a string. Present only where this costs less. */
  endText?(text: string): string;
}

/**
 * The bytes of a page that arrives as text. `Buffer.from` computes the length first and takes fresh memory each time,
 * which for a page of 100 KB is most of its cost; so all pages are written to the same memory.
 *
 * In units of UTF-16, each of which becomes three bytes at most. Longer texts get memory of their own.
 */
const maxUnits = 128 * 1024;

/** Undefined while a text is in it: the reader may call functions of the app, and they may rewrite another text. */
let spare: Buffer | undefined;

/** @param use - gets the text in UTF-8; the next text overwrites the memory */
export function withBytesOf<Result>(text: string, use: (bytes: Buffer) => Result): Result {
  if (text.length > maxUnits) return use(Buffer.from(text));
  const memory = spare ?? Buffer.allocUnsafeSlow(3 * maxUnits);
  spare = undefined;
  try {
    return use(memory.subarray(0, memory.write(text)));
  } finally {
    spare = memory;
  }
}

/** Rewrites a whole body that arrives as text into bytes, for frameworks that take both: nothing is encoded twice. */
export function endAsBytes(transform: BodyTransform, text: string): Buffer {
  return withBytesOf(text, (bytes) => {
    const out = asBuffer(transform.end(bytes));
    return out.buffer === bytes.buffer ? Buffer.from(out) : out;
  });
}
