/**
 * The keys of one signer: the newest key signs, and every key verifies. Private fields keep them out of `util.inspect`,
 * JSON and logs.
 */
import type { KeyObject } from 'node:crypto';
import { hmacHex, importKey, isSameMac } from './hmac.ts';

/**
 * 24 hex digits are 96 bits. A short MAC is compared for equality only, and is no secret: a client that
 * invents one deceives only itself, about a page in its own cache. So the half-length minimum of RFC 2104, 5, which is about forgery,
 * does not apply, and only chance counts. Should two states of a site have the same MAC, a client could get a 304 for a
 * page with expired images. A given pair does with a probability of 2^-96, and any two of a billion states with less
 * than 2^-36. With 32 bits, any two of 100,000 states would do so with a probability above one half.
 */
const shortMacDigits = 24;

export class SigningKeys {
  readonly #keys: readonly KeyObject[];

  /** @param texts - the newest first; at least one */
  constructor(texts: readonly string[]) {
    this.#keys = texts.map(importKey);
  }

  /** How many there are. */
  get size(): number {
    return this.#keys.length;
  }

  /** The MAC of a signed string under the newest key. */
  sign(signedString: string): string {
    return hmacHex(this.#keys[0]!, signedString);
  }

  /** The index of the key that made this MAC, or -1. It tries all keys: the duration does not tell which one it was. */
  indexOfKey(signedString: string, signature: string): number {
    return this.findIndex((key) => isSameMac(hmacHex(key, signedString), signature));
  }

  /** The first index for which the test holds, or -1. It tests all keys. Only `signing/` may take a key out. */
  findIndex(test: (key: KeyObject) => boolean): number {
    let found = -1;
    for (let i = this.#keys.length - 1; i >= 0; i--) if (test(this.#keys[i]!)) found = i;
    return found;
  }

  /**
   * A truncated MAC under the newest key, for something other than a URL, such as an entity tag. The prefix keeps it
   * from being a part of a token: signed strings begin with `/`.
   */
  shortMac(text: string): string {
    return hmacHex(this.#keys[0]!, `image-signer: ${text}`).slice(0, shortMacDigits);
  }
}
