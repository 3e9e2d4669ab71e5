/** How programs compute a MAC wrongly though the text is right: one row each. */
import type { OtherMac } from '../../signing/other-macs.ts';
import type { FailureCode } from './explanation.ts';

export interface OtherMacMistake {
  readonly kind: OtherMac;
  readonly code: FailureCode;
  /** What was done, as a sentence. */
  readonly message: string;
}

/** For a MAC of 32 bytes. */
export const otherMacMistakes: readonly OtherMacMistake[] = [
  {
    kind: 'hash-text',
    code: 'plain-hash',
    message: 'The signature is a plain SHA-256 of the text, without a key.',
  },
  { kind: 'hash-key-text', code: 'plain-hash', message: 'The signature is a plain SHA-256 of key and text.' },
  { kind: 'hash-text-key', code: 'plain-hash', message: 'The signature is a plain SHA-256 of text and key.' },
  { kind: 'key-hex', code: 'key-hex-decoded', message: 'The key was decoded as hexadecimal digits.' },
  { kind: 'key-base64', code: 'key-base64-decoded', message: 'The key was decoded as base64.' },
  {
    kind: 'key-line-feed',
    code: 'key-with-white-space',
    message: 'The key was used with a line feed at its end.',
  },
  {
    kind: 'key-line-end',
    code: 'key-with-white-space',
    message: 'The key was used with a carriage return and a line feed at its end.',
  },
  {
    kind: 'key-space-before',
    code: 'key-with-white-space',
    message: 'The key was used with a space before it.',
  },
  {
    kind: 'key-space-after',
    code: 'key-with-white-space',
    message: 'The key was used with a space after it.',
  },
  {
    kind: 'key-double-quotes',
    code: 'key-in-quotes',
    message: 'The key was used with double quotes around it.',
  },
  {
    kind: 'key-single-quotes',
    code: 'key-in-quotes',
    message: 'The key was used with single quotes around it.',
  },
  {
    kind: 'key-of-simulator',
    code: 'local-simulator',
    message: "The signature is by the key of wrangler's local simulator, which everybody knows.",
  },
];

const sha1: OtherMacMistake = {
  kind: 'hmac-sha1',
  code: 'other-digest',
  message: 'The signature is an HMAC with SHA-1.',
};
const sha512: OtherMacMistake = {
  kind: 'hmac-sha512',
  code: 'other-digest',
  message: 'The signature is an HMAC with SHA-512.',
};

/** The one computation that gives a MAC of this many hexadecimal digits; undefined for SHA-256. */
export const macOfLength: ReadonlyMap<number, OtherMacMistake> = /* @__PURE__ */ new Map([
  [40, sha1],
  [128, sha512],
]);
