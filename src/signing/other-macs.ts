/**
 * MACs as other programs compute them by mistake, to identify the mistake. They are only compared with a given MAC: none of
 * them is ever returned.
 *
 * A key is decoded completely or not at all. If `Buffer.from` decoded only the valid beginning, a key that begins with two
 * hexadecimal digits would become one byte, and the answers would reveal it.
 */
import { hashHex, hmacHexOf, isSameMac } from './digests.ts';
import type { SigningKeys } from './keys.ts';

export type OtherMac =
  | 'hmac-sha1'
  | 'hmac-sha512'
  | 'hash-text'
  | 'hash-key-text'
  | 'hash-text-key'
  | 'key-hex'
  | 'key-base64'
  | 'key-line-feed'
  | 'key-line-end'
  | 'key-space-before'
  | 'key-space-after'
  | 'key-double-quotes'
  | 'key-single-quotes'
  | 'key-of-simulator';

/** Returns undefined if the key cannot be read in this way. */
type Compute = (key: Buffer, text: string) => string | undefined;

/** Wrangler's simulator has this key on every machine: it is not secret. */
const simulatorKey = 'miniflare-local-dev-images-signing-key';

const computations: Readonly<Record<OtherMac, Compute>> = {
  'hmac-sha1': (key, text) => hmacHexOf('sha1', key, text),
  'hmac-sha512': (key, text) => hmacHexOf('sha512', key, text),
  'hash-text': (_key, text) => hashHex('sha256', text),
  'hash-key-text': (key, text) => hashHex('sha256', Buffer.concat([key, Buffer.from(text)])),
  'hash-text-key': (key, text) => hashHex('sha256', Buffer.concat([Buffer.from(text), key])),
  'key-hex': withKey(decodeHex),
  'key-base64': withKey(decodeBase64),
  'key-line-feed': withKey((key) => wrap('', key, '\n')),
  'key-line-end': withKey((key) => wrap('', key, '\r\n')),
  'key-space-before': withKey((key) => wrap(' ', key, '')),
  'key-space-after': withKey((key) => wrap('', key, ' ')),
  'key-double-quotes': withKey((key) => wrap('"', key, '"')),
  'key-single-quotes': withKey((key) => wrap("'", key, "'")),
  'key-of-simulator': withKey(() => Buffer.from(simulatorKey)),
};

/** The index of the key with which this MAC was made by the mistake `kind`, or -1. It tries all keys. */
export function indexOfKeyInOtherMac(keys: SigningKeys, kind: OtherMac, text: string, mac: string): number {
  return keys.findIndex((key) => {
    const made = computations[kind](key.export(), text);
    return made !== undefined && isSameMac(made, mac);
  });
}

/** Whether a text contains a whole key of at least this many characters. It tries all keys. */
export function containsKey(keys: SigningKeys, text: string, minLength: number): boolean {
  const index = keys.findIndex((key) => {
    const secret = key.export().toString('utf8');
    return secret.length >= minLength && text.includes(secret);
  });
  return index >= 0;
}

function withKey(read: (key: Buffer) => Buffer | undefined): Compute {
  return (key, text) => {
    const other = read(key);
    return other === undefined || other.length === 0 ? undefined : hmacHexOf('sha256', other, text);
  };
}

function wrap(before: string, key: Buffer, after: string): Buffer {
  return Buffer.concat([Buffer.from(before), key, Buffer.from(after)]);
}

function decodeHex(key: Buffer): Buffer | undefined {
  const text = key.toString('utf8');
  return text.length % 2 === 0 && /^[\da-f]+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

function decodeBase64(key: Buffer): Buffer | undefined {
  const text = key.toString('utf8');
  const bytes = Buffer.from(text, 'base64');
  const urlSafe = text
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
  return bytes.toString('base64url') === urlSafe ? bytes : undefined;
}
