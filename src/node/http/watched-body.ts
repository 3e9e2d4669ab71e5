/** Lets a watch see what an app writes. Arguments, results and errors of `write` and `end` stay as they are. */
import type { ServerResponse } from 'node:http';
import type { BodyWatch } from '../../http/rewrite-policy.ts';
import { isChunk, toBytes } from './body-methods.ts';
import { replaceMethod } from './replace-method.ts';

/** @returns takes it off again, unless another method has been put above it */
export function watchBody(response: ServerResponse, watch: BodyWatch): () => void {
  const see = ([chunk, encoding]: readonly unknown[]): void => {
    if (isChunk(chunk, encoding)) watch.write(toBytes(chunk, encoding));
  };
  const undoWrite = replaceMethod(response, 'write', (previous) => (...args) => {
    see(args);
    return previous(...args);
  });
  const undoEnd = replaceMethod(response, 'end', (previous) => (...args) => {
    see(args);
    watch.end();
    return previous(...args);
  });
  return () => {
    undoWrite();
    undoEnd();
  };
}
