/** What the first bytes of a body say of its content coding. */

export function isGzip([a, b]: Uint8Array): boolean {
  return a === 0x1f && b === 0x8b;
}

/** RFC 1950, 2.2: the method is 8, and the two bytes are a multiple of 31. */
export function isZlib([a = 0, b]: Uint8Array): boolean {
  return (a & 0x0f) === 8 && a >> 4 <= 7 && (b === undefined || ((a << 8) | b) % 31 === 0);
}

/** As many bytes of a body are looked at. */
const looked = 512;

/**
 * Brotli has no sign of its own, but for what text does not hold. A page of 64 KiB to 1 MiB that is encoded at once begins
 * with `[`, and one in zstd with `(`; but of what is encoded one byte in ten is a control character, of text none.
 */
export function isNoText(bytes: Uint8Array): boolean {
  const begun = bytes.subarray(0, looked);
  if (!/[\t\n\r\x20-\x7e\xef]/.test(String.fromCharCode(begun[0] ?? 0))) return true;
  return begun.filter(isControl).length > begun.length / 64; // a stray one makes no coding
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d);
}
