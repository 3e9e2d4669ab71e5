/** A secret of an app's own kind as a text, for a digest: it stays in memory alone. */
import { type KeyExportOptions, KeyObject } from 'node:crypto';

/** Deeper than any secret: what holds itself has no end. */
const maxDepth = 8;

/**
 * What tells a secret from another one, on each machine and after each restart.
 * @returns undefined for what has no such text, such as an instance of a class, a CryptoKey, or an object that holds itself
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
