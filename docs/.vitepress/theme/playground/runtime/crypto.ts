/**
 * Implements with @noble/hashes what `src/signing/` imports from `node:crypto`. The package signs synchronously, and Web
 * Crypto cannot. Only the playground uses this file; the package itself always signs with `node:crypto`.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

const digests = { md5, sha1, sha256, sha512 };

type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';
type Encoding = 'hex' | 'base64' | 'base64url';

/** Returned by `createSecretKey`: enough of a `KeyObject` for `src/signing/`. */
export class KeyObject {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns a copy, as in Node.js */
  export(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

export function createSecretKey(key: string | Uint8Array, encoding: 'utf8' = 'utf8'): KeyObject {
  return new KeyObject(typeof key === 'string' ? Buffer.from(key, encoding) : Uint8Array.from(key));
}

export function createHmac(digest: Digest, key: KeyObject | Uint8Array): Computation {
  const bytes = key instanceof KeyObject ? key.export() : key;
  return new Computation(hmac.create(digests[digest], bytes));
}

export function createHash(digest: Digest): Computation {
  return new Computation(digests[digest].create());
}

export function hash(digest: Digest, data: string | Uint8Array, encoding: Encoding): string {
  return createHash(digest).update(data).digest(encoding);
}

/**
 * It need not take constant time here: anyone who can measure the duration can also see the key.
 * @throws RangeError for different lengths, as Node.js does
 */
export function timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) throw new RangeError('Input buffers must have the same byte length');
  return a.every((byte, index) => byte === b[index]);
}

/** A running hash or MAC of @noble/hashes. */
interface State {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

class Computation {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  /** @param data - text is encoded as UTF-8 */
  update(data: string | Uint8Array): this {
    this.#state.update(typeof data === 'string' ? Buffer.from(data, 'utf8') : data);
    return this;
  }

  digest(): Buffer;
  digest(encoding: Encoding): string;
  digest(encoding?: Encoding): Buffer | string {
    const bytes = Buffer.from(this.#state.digest());
    return encoding === undefined ? bytes : bytes.toString(encoding);
  }
}
