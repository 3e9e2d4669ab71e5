/** Decodes, transforms and encodes a body that is there as a whole, synchronously. */
import type { BodyTransform } from '../body-transform.ts';
import type { Coding } from './content-coding.ts';

/**
 * The longest body that is transcoded synchronously, encoded and decoded: every other request waits meanwhile, some
 * 5 ms for a page of this length. Longer bodies are streamed.
 */
const maxWholeBytes = 256 * 1024;

/**
 * @returns undefined if it is too long, or can only be decoded as a stream
 * @throws if it is corrupt
 */
export function transcodeWhole(
  bytes: Uint8Array,
  coding: Coding,
  transform: BodyTransform,
): Uint8Array | undefined {
  if (bytes.length > maxWholeBytes) return undefined;
  let content: Buffer | undefined;
  try {
    content = coding.decode(bytes, maxWholeBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
  if (content === undefined) return undefined;
  const changed = transform.end(content);
  return content.equals(changed) ? bytes : coding.encode(changed);
}
