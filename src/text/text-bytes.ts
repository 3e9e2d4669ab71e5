/**
 * The bytes of a page that is there as text. `Buffer.from` looks for the length first, and takes fresh memory each
 * time: for a page of 100 KB that is most of its cost. So all pages are written to the same memory.
 */

import type { BodyTransform } from './body-transform.ts';
import { asBuffer } from './bytes.ts';

/** Units of UTF-16, each of which becomes three bytes at most. Longer texts get memory of their own. */
const maxUnits = 128 * 1024;

/** Undefined while a text is in it: what reads the text may call functions of the app, and they may rewrite another one. */
let spare: Buffer | undefined;

/** @param use - gets the text in UTF-8; the memory is another text's after that */
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

/** Rewrites a body that is there as text, where the framework takes bytes as well: it does not encode the text again. */
export function endAsBytes(transform: BodyTransform, text: string): Buffer {
  return withBytesOf(text, (bytes) => {
    const out = asBuffer(transform.end(bytes));
    return out.buffer === bytes.buffer ? Buffer.from(out) : out;
  });
}
