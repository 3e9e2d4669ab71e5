/** What `write` and `end` are given, in all their forms. */
import { isUint8Array } from 'node:util/types';

/** Whether Node takes it as a chunk; what it refuses decides nothing, since another call may follow. */
export function isChunk(chunk: unknown, encoding: unknown): boolean {
  if (typeof chunk !== 'string') return isUint8Array(chunk);
  return typeof encoding !== 'string' || encoding === '' || Buffer.isEncoding(encoding);
}

/** Whether `end` comes without one: whatever is falsy counts as none. */
export function isNoChunk(first: unknown): boolean {
  return !first || typeof first === 'function';
}

/** A chunk as bytes, of whatever realm; no bytes for none. */
export function toBytes(chunk: unknown, encoding: unknown): Uint8Array {
  if (isUint8Array(chunk)) return chunk;
  if (typeof chunk !== 'string') return nothing;
  return Buffer.from(
    chunk,
    typeof encoding === 'string' && encoding !== '' ? (encoding as BufferEncoding) : 'utf8',
  ); // a known one
}

/** The callback, if there is one. */
export function callbackOf(args: readonly unknown[]): readonly unknown[] {
  return args.filter((each) => typeof each === 'function').slice(0, 1);
}

const nothing: Buffer = Buffer.alloc(0);
