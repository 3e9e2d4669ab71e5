/** Reads a signature in any form in which programs write a MAC, and names the form. It computes nothing. */
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';

export interface SignatureForm {
  /** In lower-case hex; undefined if the text has no form that a MAC of 20, 32 or 64 bytes has. */
  readonly mac: string | undefined;
  /** What is wrong with the form, whatever was signed. */
  readonly findings: readonly Finding[];
}

/** Digits of SHA-1, SHA-256 and SHA-512. */
const lengths: readonly number[] = [40, 64, 128];

/** @param value - of `sig`, percent-decoded */
export function readSignatureForm(value: string): SignatureForm {
  if (/^[\da-f]+$/i.test(value)) return readHex(value);
  const mac = readBase64(value);
  if (mac !== undefined) {
    const isUrlSafe = /[_-]/.test(value) && !value.includes('=');
    const name = isUrlSafe ? 'base64url' : 'base64';
    return {
      mac,
      findings: [finding('base64-signature', `The signature is written in ${name}, not in hexadecimal.`)],
    };
  }
  return { mac: undefined, findings: [finding('malformed-signature', otherForm(value))] };
}

function readHex(value: string): SignatureForm {
  const mac = value.toLowerCase();
  const findings =
    mac === value
      ? []
      : [
          finding(
            'uppercase-signature',
            'The signature has upper-case digits. Cloudflare writes lower case.',
          ),
        ];
  if (lengths.includes(value.length)) return { mac, findings };
  const found = value.length < 64 ? truncated(value.length) : tooLong(value.length);
  return { mac: undefined, findings: [...findings, found] };
}

/** Without the confirmation that the digits which are left are right: see `completesSignature`. */
export function truncated(length: number): Finding {
  return finding(
    'truncated-signature',
    `The signature has ${length} of 64 digits: its end, or some other part, is missing.`,
  );
}

function tooLong(length: number): Finding {
  return finding('malformed-signature', `The signature has ${length} hexadecimal digits, and not 64.`);
}

/** A form decoder reads a raw `+` as a space. */
function readBase64(value: string): string | undefined {
  const text = value.replaceAll(' ', '+');
  if (text.length > 88 || !/^[\w+/-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const isWhole = bytes.toString('base64url') === toUrlSafe(text);
  return isWhole && lengths.includes(2 * bytes.length) ? bytes.toString('hex') : undefined;
}

function toUrlSafe(text: string): string {
  return text
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
}

function otherForm(value: string): string {
  if (value === '') return 'The signature is empty.';
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value))
    return "The signature is a JSON Web Token, such as Cloudflare Stream's. Images have an HMAC.";
  if (/^\d{10}-[\w%+/=-]+$/.test(value))
    return "The signature is a timed one, such as those that Cloudflare's WAF verifies. Images have an HMAC.";
  return `The signature is text of ${value.length} characters, and not 64 hexadecimal digits.`;
}
