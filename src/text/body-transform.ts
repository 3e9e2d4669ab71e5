/** How a response body is rewritten, chunk by chunk or as one text. */
import { copyOfScratch, readInScratch } from '../simd/scratch.ts';
import { asBuffer } from './bytes.ts';

/** Rewrites a response body chunk by chunk, synchronously. */
export interface BodyTransform {
  /** @returns the output that is ready; a later `write` or `end` returns the rest */
  write(chunk: Uint8Array): Uint8Array;
  /** @param last - the last chunk, or the whole body if there was no `write` */
  end(last?: Uint8Array): Uint8Array;
}

/** Rewrites a whole body that arrives as text into bytes, for frameworks that take both: nothing is encoded twice. */
export function endAsBytes(transform: BodyTransform, text: string): Buffer {
  return readInScratch(text, 'utf8', (bytes) => copyOfScratch(asBuffer(transform.end(bytes))));
}
