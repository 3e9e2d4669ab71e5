/**
 * The keys of one signer: the newest signs, all of them verify. They live in private fields, so that
 * `util.inspect`, JSON and a log show nothing of them.
 */
import type { KeyObject } from 'node:crypto';
import { hmacHex, importKey, isSameMac } from './hmac.ts';

export class SigningKeys {
  readonly #keys: readonly KeyObject[];

  /** @param texts - the newest first; at least one */
  constructor(texts: readonly string[]) {
    this.#keys = texts.map(importKey);
  }

  /** The MAC of a signed string, by the newest key. */
  sign(signedString: string): string {
    return hmacHex(this.#keys[0]!, signedString);
  }

  /** The place of the key that made this MAC, or -1. All keys are tried, whichever fits. */
  indexOfSigner(signedString: string, signature: string): number {
    let found = -1;
    for (let i = this.#keys.length - 1; i >= 0; i--) {
      if (isSameMac(hmacHex(this.#keys[i]!, signedString), signature)) found = i;
    }
    return found;
  }

  /**
   * A short MAC that binds something else than a URL to the newest key, such as an entity tag.
   * The label keeps it from ever being a token: signed strings begin with `/`.
   */
  seal(text: string): string {
    return hmacHex(this.#keys[0]!, `image-signer: ${text}`).slice(0, 24);
  }
}
