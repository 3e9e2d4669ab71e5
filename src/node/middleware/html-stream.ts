/** A rewriter of pages as a `Transform`. */
import { Transform } from 'node:stream';
import type { BodyTransform } from '../../text/body-transform.ts';

export function toTransform(body: BodyTransform): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      callback(null, body.write(chunk));
    },
    flush(callback) {
      callback(null, body.end());
    },
  });
}
