/** Rewrites a body that is there as text, where the framework takes bytes as well: it does not encode the text again. */
import type { BodyTransform } from '../body-transform.ts';
import { asBuffer } from '../bytes.ts';
import { withBytesOf } from '../text-bytes.ts';

export function endAsBytes(transform: BodyTransform, text: string): Buffer {
  return withBytesOf(text, (bytes) => {
    const out = asBuffer(transform.end(bytes));
    return out.buffer === bytes.buffer ? Buffer.from(out) : out;
  });
}
