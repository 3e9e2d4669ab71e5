/** The arguments of `write` and `end`, in all their forms. */
import { isUint8Array } from 'node:util/types';

/** Whether Node accepts it as a chunk. A call that Node refuses decides nothing, since the app may try another one. */
export function isChunk(chunk: unknown, encoding: unknown): boolean {
  if (typeof chunk !== 'string') return isUint8Array(chunk);
  return typeof encoding !== 'string' || encoding === '' || Buffer.isEncoding(encoding);
}

/** Whether `end` is called without a chunk: Node treats every falsy value so. */
export function isNoChunk(first: unknown): boolean {
  return !first || typeof first === 'function';
}

/** A chunk as bytes, of whatever realm; empty without a chunk. */
export function toBytes(chunk: unknown, encoding: unknown): Uint8Array {
  if (isUint8Array(chunk)) return chunk;
  if (typeof chunk !== 'string') return empty;
  const isNamed = typeof encoding === 'string' && encoding !== '';
  return Buffer.from(chunk, isNamed ? (encoding as BufferEncoding) : 'utf8'); // `isChunk` has checked the name
}

/** The callback among the arguments, as a list of one or none. */
export function callbackOf(args: readonly unknown[]): readonly unknown[] {
  return args.filter((each) => typeof each === 'function').slice(0, 1);
}

const empty: Buffer = /* @__PURE__ */ Buffer.alloc(0);
