/** The shell that makes a Node.js `Transform` of a rewriter. */
import { Transform } from 'node:stream';
import type { BodyRewriter } from '../../rewriting/byte-stream.ts';

export function toTransform(body: BodyRewriter): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      callback(null, body.write(chunk));
    },
    flush(callback) {
      callback(null, body.end());
    },
  });
}
