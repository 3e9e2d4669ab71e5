/** Ed25519 signatures, which are deterministic, and the reading of their private keys. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { hashHex } from './digests.ts';

/** Why a text is not a private Ed25519 key. */
export type Ed25519KeyMistake = 'no-key' | 'public' | 'encrypted' | 'key-pair' | 'other-kind';

/** PKCS #8 of an Ed25519 key consists of these bytes and the 32 bytes of its seed (RFC 8410, 7). */
const pkcs8 = '302e020100300506032b657004220420';

/** A private Ed25519 key. `util.inspect` and JSON never show it. */
export class Ed25519Key {
  readonly #key: KeyObject;
  /** A digest of the public key, which tells two keys apart. */
  readonly fingerprint: string;

  constructor(key: KeyObject) {
    this.#key = key;
    const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
    this.fingerprint = hashHex('sha256', der).slice(0, 24);
  }

  /** Takes about 50 µs, a quarter of the time of verifying. So signatures are verified by making them again. */
  sign(text: string): Buffer {
    return sign(null, Buffer.from(text), this.#key);
  }
}

/** @param text - PKCS #8 as PEM, or the 32 bytes of the seed as hexadecimal digits */
export function readEd25519Key(text: string): Ed25519Key | Ed25519KeyMistake {
  if (/^[\da-f]{128}$/i.test(text)) return 'key-pair';
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/m.test(text)) return 'encrypted';
  if (/^-----BEGIN PUBLIC KEY-----/m.test(text)) return 'public';
  let key: KeyObject;
  try {
    key = /^[\da-f]{64}$/i.test(text)
      ? createPrivateKey({ key: Buffer.from(pkcs8 + text, 'hex'), format: 'der', type: 'pkcs8' })
      : createPrivateKey(text);
  } catch {
    // OpenSSL's error may quote the text.
    return 'no-key';
  }
  return key.asymmetricKeyType === 'ed25519' ? new Ed25519Key(key) : 'other-kind';
}
