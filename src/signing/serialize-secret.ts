/** An app's own kind of secret as a text, for a digest. The text never leaves memory. */
import { type KeyExportOptions, KeyObject } from 'node:crypto';

/** Deeper than any secret: an object that contains itself has no end. */
const maxDepth = 8;

/**
 * A text that identifies a secret on every machine and after every restart.
 * @returns undefined if there is no such text, as for an instance of a class, a CryptoKey, or an object that contains itself
 */
export function serializeSecret(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return JSON.stringify(value);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`;
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof KeyObject) return `key ${exportKey(value)}`;
  if (depth === maxDepth || (!Array.isArray(value) && !isPlain(value))) return undefined;
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  const members = given.map(([name, each]) => [name, serializeSecret(each, depth + 1)] as const);
  if (members.some(([, text]) => text === undefined)) return undefined;
  return JSON.stringify([Array.isArray(value), ...members.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function exportKey(key: KeyObject): string {
  if (key.type === 'secret') return key.export().toString('base64');
  const type = key.type === 'private' ? 'pkcs8' : 'spki';
  return key.export({ type, format: 'der' } as KeyExportOptions<'der'>).toString('base64');
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
