/** Percent-decoding (URL standard, 1.3). It never throws: invalid UTF-8 becomes U+FFFD. */
import { isHexDigit, PERCENT } from '../text/ascii.ts';

const encoded = /%[\da-f]{2}/i;

export function percentDecode(text: string): string {
  if (!encoded.test(text)) return text;
  const bytes = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const isEncoded =
      bytes[at] === PERCENT && isHexDigit(bytes[at + 1] ?? 0) && isHexDigit(bytes[at + 2] ?? 0);
    bytes[length++] = isEncoded ? (hexValue(bytes[at + 1]!) << 4) | hexValue(bytes[at + 2]!) : bytes[at]!;
    if (isEncoded) at += 2;
  }
  return bytes.toString('utf8', 0, length);
}

/** Decodes a name or a value of a query (URL standard, "application/x-www-form-urlencoded parsing"). */
export function formDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** @param code - of a hexadecimal digit */
export function hexValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}
