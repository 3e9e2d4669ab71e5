/** HMAC-SHA256, and the comparison of MACs. */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Imports a key's UTF-8 bytes. `util.inspect` and JSON show none of them. */
export function importKey(text: string): KeyObject {
  return createSecretKey(text, 'utf8');
}

/** @returns 64 lower-case hex digits */
export function hmacHex(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** An HMAC by another digest, or with a key that is not one of the signer's. */
export function hmacHexOf(digest: 'sha1' | 'sha256' | 'sha512', key: Buffer, text: string): string {
  return createHmac(digest, key).update(text).digest('hex');
}

/** Compares in constant time: the duration would tell a forger how many leading digits are right. */
export function isSameMac(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}
