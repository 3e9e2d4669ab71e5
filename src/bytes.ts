/** Searching in bytes, within bounds. */

/** Where the byte stands first from `from` on and before `to`; `to` if nowhere. */
export function indexOfByte(bytes: Buffer, byte: number, from: number, to: number): number {
  // What is looked for is mostly near: a call into the runtime costs as much as a few dozen comparisons.
  const near = Math.min(from + 24, to);
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at;
  if (near === to) return to;
  const found = to === bytes.length ? bytes.indexOf(byte, near) : bytes.subarray(0, to).indexOf(byte, near);
  return found < 0 ? to : found;
}

/** A chunk as a `Buffer` over the same memory. */
export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
