/** Searching in bytes, within bounds; classes of bytes. */

/** Where the byte stands first from `from` on and before `to`; `to` if nowhere. */
export function indexOfByte(bytes: Buffer, byte: number, from: number, to: number): number {
  const isBounded = to < bytes.length;
  // A call into the runtime costs as much as a few comparisons; one that is to stop early, as many more.
  const near = Math.min(from + (isBounded ? 80 : 6), to);
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at;
  if (near === to) return to;
  const found = (isBounded ? bytes.subarray(0, to) : bytes).indexOf(byte, near);
  return found < 0 ? to : found;
}

/** For each byte whether it is of a class, as 1 or 0: the quickest way to ask at every byte of a page. */
export function byteClass(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}

/** A chunk as a `Buffer` over the same memory. */
export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
