/** MACs, hashes, and the comparison of MACs: of the signing key, and of other schemes' secrets, in the encodings that they use. */
import * as nodeCrypto from 'node:crypto';
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** A secret of a scheme. `util.inspect` and JSON show none of it. */
export class Secret {
  readonly #key: KeyObject;
  /** For `hashAround`: an export takes as long as the hash. */
  #text: string | undefined;

  /** @param bytes - text is taken as UTF-8 */
  constructor(bytes: string | Uint8Array) {
    this.#key = typeof bytes === 'string' ? createSecretKey(bytes, 'utf8') : createSecretKey(bytes);
  }

  mac(digest: Digest, text: string, encoding: 'hex' | 'base64' | 'base64url'): string {
    return createHmac(digest, this.#key).update(text).digest(encoding);
  }

  /** The MAC of a salt and a text. Joined into one Buffer first, they would take several times as long. */
  macWithSalt(digest: Digest, salt: Uint8Array, text: string, encoding: 'hex' | 'base64url'): string {
    return createHmac(digest, this.#key).update(salt).update(text).digest(encoding);
  }

  macBytes(digest: Digest, text: string | Uint8Array): Buffer {
    return createHmac(digest, this.#key).update(text).digest();
  }

  /** A plain hash of the secret, which was given as text, and a text: for schemes that hash instead of making a MAC. */
  hashWith(digest: Digest, text: string): string {
    return this.hashAround(digest, '', text, 'hex');
  }

  /** The same with text before the secret as well. */
  hashAround(digest: Digest, before: string, after: string, encoding: 'hex' | 'base64url'): string {
    this.#text ??= this.#key.export().toString('utf8');
    return hashOf(digest, before + this.#text + after, encoding);
  }

  /**
   * Tells two secrets apart, for a fingerprint: 96 bits of a MAC that no scheme makes.
   */
  get fingerprint(): string {
    return this.mac('sha256', 'image-signer: fingerprint', 'hex').slice(0, 24);
  }
}

/** In one call, which takes a third of the time for texts as short as URLs. A runtime other than Node.js may not have it. */
const hashAtOnce: typeof nodeCrypto.hash | undefined = nodeCrypto.hash;

/** @param data - text is taken as UTF-8 */
export function hashHex(digest: Digest, data: string | Uint8Array): string {
  return hashOf(digest, data, 'hex');
}

function hashOf(digest: Digest, data: string | Uint8Array, encoding: 'hex' | 'base64url'): string {
  return hashAtOnce === undefined
    ? createHash(digest).update(data).digest(encoding)
    : hashAtOnce(digest, data, encoding);
}

/** Imports a signing key's UTF-8 bytes. `util.inspect` and JSON show none of them. */
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
