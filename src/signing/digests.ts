/** MACs and hashes of other schemes than Cloudflare's, in the encodings that they use. */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';

/** A secret of a scheme. `util.inspect` and JSON show none of it. */
export class Secret {
  readonly #key: KeyObject;
  /** For `hashWith`: an export takes as long as the hash. */
  #bytes: Buffer | undefined;

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

  /** A plain hash of the secret and a text, for schemes that hash instead of making a MAC. */
  hashWith(digest: Digest, text: string): string {
    this.#bytes ??= this.#key.export();
    return createHash(digest).update(this.#bytes).update(text).digest('hex');
  }

  /**
   * Tells two secrets apart, for a fingerprint: 96 bits of a MAC that no scheme makes.
   */
  get fingerprint(): string {
    return this.mac('sha256', 'image-signer: fingerprint', 'hex').slice(0, 24);
  }
}

export function hashHex(digest: Digest, text: string): string {
  return createHash(digest).update(text).digest('hex');
}
