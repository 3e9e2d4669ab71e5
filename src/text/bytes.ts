/** Searching bytes within bounds, and classes of bytes. */

/** The index of the first such byte from `from` up to `to`; `to` if there is none. */
export function indexOfByte(bytes: Buffer, byte: number, from: number, to: number): number {
  const isBounded = to < bytes.length;
  // The nearest bytes are compared here: `indexOf` is a call into the runtime, which costs as much as a few
  // comparisons, and a search that must stop at `to` needs a subarray first, which costs many more.
  const near = Math.min(from + (isBounded ? 80 : 6), to);
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at;
  if (near === to) return to;
  const found = (isBounded ? bytes.subarray(0, to) : bytes).indexOf(byte, near);
  return found < 0 ? to : found;
}

/**
 * A table with 1 for each byte of the class and 0 for all others: the fastest test in a loop over every byte of a page.
 */
/* @__NO_SIDE_EFFECTS__ */
export function byteClass(includes: (byte: number) => boolean): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < table.length; byte++) if (includes(byte)) table[byte] = 1;
  return table;
}

/** A `Buffer` over the chunk's own memory, not a copy. */
export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
