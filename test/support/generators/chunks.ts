/** The same bytes in every way that a test wants them cut. */

import { numRuns } from '../seed.ts';

export function inChunksOf(size: number, bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

/** Single bytes around these places, in order, and long pieces of what is between. */
export function inBytesAround(places: Iterable<number>, bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let end = 0;
  for (const place of places) {
    const start = Math.max(end, place - 200);
    chunks.push(...inChunksOf(1_000, bytes.subarray(end, start)));
    end = Math.max(end, Math.min(place + 300, bytes.length));
    chunks.push(...inChunksOf(1, bytes.subarray(start, end)));
  }
  return [...chunks, ...inChunksOf(1_000, bytes.subarray(end))];
}

let started = 0;

/** Every thirteenth way of cutting, from one call to the next in another place; with more runs more of them, up to all. */
export function* splitEverywhere(bytes: Uint8Array): Generator<[Uint8Array, Uint8Array]> {
  const step = Math.max(1, Math.round(1_300 / numRuns));
  for (let at = started++ % step; at <= bytes.length; at += step)
    yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Cut at these places, in whatever order they come. */
export function cutAt(places: readonly number[], bytes: Uint8Array): Uint8Array[] {
  const cuts = [0, ...places.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end));
}

/** Writes chunks into a rewriter, and gives all that comes out. Each chunk is overwritten after use, as apps may do. */
export function rewriteInChunks(
  rewriter: { write(chunk: Uint8Array): Uint8Array; end(): Uint8Array },
  chunks: Iterable<Uint8Array>,
): Buffer {
  const out: Buffer[] = [];
  for (const chunk of chunks) {
    const own = Buffer.from(chunk);
    out.push(Buffer.from(rewriter.write(own)));
    own.fill(0x3c);
  }
  out.push(Buffer.from(rewriter.end()));
  return Buffer.concat(out);
}
