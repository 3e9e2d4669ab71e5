/** The forms of the arguments of a response's `write` and `end`. */
import { isUint8Array } from 'node:util/types';

/** These methods have overloads that no single signature covers. A replacement passes its arguments on. */
export type AnyMethod = (...args: unknown[]) => unknown;

/** Where a body goes: the `write` and `end` below ours. */
export interface OutputSink {
  readonly write: AnyMethod;
  readonly end: AnyMethod;
}

/** Whether Node accepts it as a chunk. A call that Node refuses decides nothing: the app may try again. */
export function isChunk(chunk: unknown, encoding: unknown): boolean {
  if (typeof chunk !== 'string') return isUint8Array(chunk);
  return typeof encoding !== 'string' || encoding === '' || Buffer.isEncoding(encoding);
}

/** Whether `end` is called without a chunk: Node ignores every falsy value. */
export function isNoChunk(first: unknown): boolean {
  return !first || typeof first === 'function';
}

/** Whether the chunk is UTF-8 text. */
export function isText(chunk: unknown, encoding: unknown): chunk is string {
  if (typeof chunk !== 'string') return false;
  return encoding === undefined || encoding === null || encoding === 'utf8' || typeof encoding === 'function';
}

/** A chunk as bytes, from any realm; empty without a chunk. */
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

const empty: Buffer = Buffer.alloc(0);
