/**
 * Notices that signed URLs have pushed the declaration of a page's encoding out of its first bytes. Behind an element of the
 * body browsers look for a `<meta charset>` in the first 1,024 bytes alone (WHATWG HTML, 13.2.3.2): further down they guess.
 */

import { declaredLabel, prescanLength } from '../rewriting/charset-watch.ts';
import type { BodyTransform } from '../text/body-transform.ts';

/** @param onLost - called with the label of the encoding, before the output is returned that does not declare it */
export function watchingCharset(body: BodyTransform, onLost: (label: string) => void): BodyTransform {
  const source = new FirstBytes();
  const output = new FirstBytes();
  let isDone = false;
  const see = <Out extends Uint8Array | string>(
    given: Uint8Array | string,
    out: Out,
    isLast: boolean,
  ): Out => {
    if (isDone) return out;
    source.add(given);
    output.add(out);
    if (!isLast && !output.isFull) return out; // what is held back may declare it
    isDone = true;
    if (source.bytes.equals(output.bytes)) return out;
    const label = declaredLabel(source.bytes);
    if (label !== undefined && declaredLabel(output.bytes) === undefined) onLost(label);
    return out;
  };
  return {
    write: (chunk) => see(chunk, body.write(chunk), false),
    end: (last = nothing) => see(last, body.end(last), true),
    // It is only offered if the body has it.
    ...(body.endText && { endText: (text: string) => see(text, body.endText!(text), true) }),
  };
}

const nothing: Uint8Array = new Uint8Array();

class FirstBytes {
  bytes: Buffer = Buffer.alloc(0);

  get isFull(): boolean {
    return this.bytes.length >= prescanLength;
  }

  add(chunk: Uint8Array | string): void {
    if (this.isFull) return;
    const more = typeof chunk === 'string' ? Buffer.from(chunk.slice(0, prescanLength)) : chunk;
    this.bytes = Buffer.concat([this.bytes, more.subarray(0, prescanLength - this.bytes.length)]);
  }
}
