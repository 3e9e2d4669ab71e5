/** How much of two pages is equal at both ends. */

/** Bytes are compared in blocks of this size; where one differs, in halves of it. */
const block = 4_096;

/**
 * A quick look at what two similar bodies have: they are equal in half of the bytes of `b`, so at one end in a quarter of them.
 */
export function mayBeSimilar(a: Buffer, b: Buffer): boolean {
  const quarter = b.length >> 2;
  if (quarter > a.length) return false;
  const atEnd = b.length - quarter;
  return (
    a.compare(b, 0, quarter, 0, quarter) === 0 || a.compare(b, atEnd, b.length, a.length - quarter) === 0
  );
}

export function commonPrefix(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  for (let size = block; size >= 1; ) {
    const end = Math.min(at + size, length);
    if (at < end && a.compare(b, at, end, at, end) === 0) at = end;
    else size >>= 1;
  }
  return at;
}

/** @param most - at most this many bytes at the end are compared */
export function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  let count = 0;
  for (let size = block; size >= 1; ) {
    const next = Math.min(count + size, most);
    const [aEnd, bEnd] = [a.length - count, b.length - count];
    const isSame = count < next && a.compare(b, b.length - next, bEnd, a.length - next, aEnd) === 0;
    if (isSame) count = next;
    else size >>= 1;
  }
  return count;
}
