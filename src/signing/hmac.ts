/** HMAC-SHA256 and the comparison of MACs. Alone knows the primitive, which is `node:crypto`'s. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The key's text as UTF-8 bytes, in an object that prints none of them. */
export function importKey(text: string): KeyObject {
  return createSecretKey(text, 'utf8');
}

/** @returns 64 lower-case hex digits */
export function hmacHex(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Compares two MACs in a time that does not tell where they differ. */
export function isSameMac(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}
