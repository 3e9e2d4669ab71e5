/** RSA signatures (PKCS #1 v1.5), which are deterministic, and the reading of their private keys. */
import { createPrivateKey, createPublicKey, createSign, createVerify, type KeyObject } from 'node:crypto';
import { hashHex } from './digests.ts';

/** Why a text is not a private RSA key. */
export type RsaKeyMistake = 'no-key' | 'public' | 'encrypted' | 'elliptic-curve' | 'other-kind';

/** A private RSA key, or its replacement for verifying a given signature. */
export interface RsaSigner {
  readonly bits: number;
  readonly fingerprint: string;
  /** Returns a signer whose `sign` repeats this signature if it is valid for the text, and otherwise returns a different one. */
  knowing(signature: string): RsaSigner;
  sign(digest: 'sha1' | 'sha256', text: string, encoding: 'base64' | 'hex'): string;
}

/** A private RSA key. `util.inspect` and JSON never show it. */
export class RsaKey implements RsaSigner {
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly bits: number;
  /** A digest of the public key, which tells two keys apart. */
  readonly fingerprint: string;

  constructor(key: KeyObject) {
    this.#private = key;
    this.#public = createPublicKey(key);
    this.bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    const der = this.#public.export({ type: 'spki', format: 'der' });
    this.fingerprint = hashHex('sha256', der.toString('base64')).slice(0, 24);
  }

  /** Takes about a millisecond for a key of 2048 bits. */
  sign(digest: 'sha1' | 'sha256', text: string, encoding: 'base64' | 'hex' = 'base64'): string {
    return createSign(digest).update(text).sign(this.#private, encoding);
  }

  /**
   * Uses the public key, in a thirtieth of the time of `sign`: so the code that signs URLs also verifies them, and a
   * stranger's URL does not cost a signature.
   */
  knowing(signature: string): RsaSigner {
    return {
      bits: this.bits,
      fingerprint: this.fingerprint,
      knowing: (other) => this.knowing(other),
      sign: (digest, text, encoding) => {
        const bytes = Buffer.from(signature, encoding);
        // The unused bits of the last character of base64 would allow several texts for one signature.
        const isWritten = bytes.toString(encoding) === signature;
        const isRight = isWritten && createVerify(digest).update(text).verify(this.#public, bytes);
        return isRight ? signature : `${signature}-`; // no signature is empty, but a stranger's may be
      },
    };
  }
}

/** @param pem - PKCS #1 or PKCS #8 */
export function readRsaKey(pem: string): RsaKey | RsaKeyMistake {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) return 'encrypted';
  if (/^-----BEGIN (?:(?:RSA )?PUBLIC KEY|CERTIFICATE)-----/m.test(pem)) return 'public';
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // OpenSSL's error may quote the text.
    return 'no-key';
  }
  if (key.asymmetricKeyType === 'ec') return 'elliptic-curve';
  return key.asymmetricKeyType === 'rsa' ? new RsaKey(key) : 'other-kind';
}
