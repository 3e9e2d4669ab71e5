/** MACs, hashes, and the comparison of MACs, for the signing key and other schemes' secrets, in the encodings that they use. */
import * as nodeCrypto from 'node:crypto';
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

export type Digest = 'md5' | 'sha1' | 'sha256' | 'sha512';
/** Digests that hash blocks of 64 bytes. */
export type HmacDigest = 'sha1' | 'sha256';
type Encoding = 'hex' | 'base64' | 'base64url';

const blockLength = 64;
/** In UTF-16 code units of a text, and in bytes of a salt. Longer input uses `createHmac`, which then costs little more. */
const maxLength = 512;
const bytesPerUnit = 3;

/** Hashes in one call: for texts as short as URLs, in a third of the time. Runtimes other than Node.js may not have it. */
const hashAtOnce: typeof nodeCrypto.hash | undefined = nodeCrypto.hash;

/**
 * HMACs of short texts under one key, as two plain hashes (RFC 2104, 2). `createHmac` takes twice as long, and leaves the
 * garbage collector an object with memory outside the heap.
 */
export class HmacKey {
  readonly #key: KeyObject;
  readonly #digest: HmacDigest;
  /** Created by the first MAC. */
  #blocks: PaddedBlocks | undefined;

  constructor(key: KeyObject, digest: HmacDigest) {
    this.#key = key;
    this.#digest = digest;
  }

  get digest(): HmacDigest {
    return this.#digest;
  }

  /** The key's bytes. Only `signing/` may call this. */
  export(): Buffer {
    return this.#key.export();
  }

  /**
   * @param text - encoded as UTF-8
   * @param salt - bytes before the text
   */
  mac(text: string, encoding: Encoding, salt?: Uint8Array): string {
    const digest = this.#digest;
    if (hashAtOnce === undefined || text.length > maxLength || (salt?.length ?? 0) > maxLength) {
      const hmac = createHmac(digest, this.#key);
      return (salt === undefined ? hmac : hmac.update(salt)).update(text).digest(encoding);
    }
    this.#blocks ??= new PaddedBlocks(this.#key, digest);
    const { inner, outer } = this.#blocks;
    let end = blockLength;
    if (salt !== undefined) {
      inner.set(salt, end);
      end += salt.length;
    }
    end += inner.write(text, end, 'utf8');
    // A new view: `subarray` takes a third of the time of a hash.
    const message = new Uint8Array(inner.buffer, inner.byteOffset, end);
    outer.write(hashAtOnce(digest, message, 'binary'), blockLength, 'latin1');
    return hashAtOnce(digest, outer, encoding);
  }
}

/**
 * The key's block with both paddings, each followed by room for the data to hash. No other Buffer shares their memory, and
 * heap snapshots do not contain the contents of Buffers.
 */
class PaddedBlocks {
  readonly inner: Buffer = Buffer.alloc(blockLength + maxLength + bytesPerUnit * maxLength, 0x36);
  readonly outer: Buffer;

  constructor(key: KeyObject, digest: HmacDigest) {
    const bytes = key.export();
    const block = bytes.length > blockLength ? createHash(digest).update(bytes).digest() : bytes;
    this.outer = Buffer.alloc(blockLength + (digest === 'sha1' ? 20 : 32), 0x5c);
    for (const [at, byte] of block.entries()) {
      this.inner[at] = byte ^ 0x36;
      this.outer[at] = byte ^ 0x5c;
    }
    // An exported key and its hash may be in memory that is reused for other Buffers.
    bytes.fill(0);
    block.fill(0);
  }
}

/** A scheme's secret. `util.inspect` and JSON never show it. */
export class Secret {
  readonly #key: KeyObject;
  /** For the digest of the last MAC: a scheme uses only one. */
  #hmac: HmacKey | undefined;
  /** For `hashAround`: exporting the key takes as long as the hash. */
  #text: string | undefined;

  /** @param bytes - text is encoded as UTF-8 */
  constructor(bytes: string | Uint8Array) {
    this.#key = typeof bytes === 'string' ? createSecretKey(bytes, 'utf8') : createSecretKey(bytes);
  }

  /** @param salt - bytes before the text */
  mac(digest: HmacDigest, text: string, encoding: 'hex' | 'base64' | 'base64url', salt?: Uint8Array): string {
    if (this.#hmac?.digest !== digest) this.#hmac = new HmacKey(this.#key, digest);
    return this.#hmac.mac(text, encoding, salt);
  }

  macBytes(digest: Digest, text: string | Uint8Array): Buffer {
    return createHmac(digest, this.#key).update(text).digest();
  }

  /** A plain hash over the secret, which was given as text, and a text: for schemes that hash instead of making a MAC. */
  hashWith(digest: Digest, text: string): string {
    return this.hashAround(digest, '', text, 'hex');
  }

  /** The same, with text before the secret as well. */
  hashAround(digest: Digest, before: string, after: string, encoding: 'hex' | 'base64url'): string {
    this.#text ??= this.#key.export().toString('utf8');
    return hashOf(digest, before + this.#text + after, encoding);
  }

  /**
   * Tells two secrets apart: 96 bits of a MAC over a text that no scheme signs.
   */
  get fingerprint(): string {
    return createHmac('sha256', this.#key).update('image-signer: fingerprint').digest('hex').slice(0, 24);
  }
}

/** @param data - text is encoded as UTF-8 */
export function hashHex(digest: Digest, data: string | Uint8Array): string {
  return hashOf(digest, data, 'hex');
}

function hashOf(digest: Digest, data: string | Uint8Array, encoding: 'hex' | 'base64url'): string {
  return hashAtOnce === undefined
    ? createHash(digest).update(data).digest(encoding)
    : hashAtOnce(digest, data, encoding);
}

/** Imports a signing key's UTF-8 bytes. `util.inspect` and JSON never show them. */
export function importKey(text: string): HmacKey {
  return new HmacKey(createSecretKey(text, 'utf8'), 'sha256');
}

/** An HMAC with another digest, or with a key that is not the signer's. */
export function hmacHexOf(digest: 'sha1' | 'sha256' | 'sha512', key: Buffer, text: string): string {
  return createHmac(digest, key).update(text).digest('hex');
}

/** Compares in constant time: the duration would tell a forger how many leading digits are right. */
export function isSameMac(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'));
}
