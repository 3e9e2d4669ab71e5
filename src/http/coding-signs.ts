/** What the first bytes of a body say of its content coding. */

export function isGzip([a, b]: Uint8Array): boolean {
  return a === 0x1f && b === 0x8b;
}

/** RFC 1950, 2.2: the method is 8, and the two bytes are a multiple of 31. */
export function isZlib([a = 0, b]: Uint8Array): boolean {
  return (a & 0x0f) === 8 && a >> 4 <= 7 && (b === undefined || ((a << 8) | b) % 31 === 0);
}

/** Brotli has no sign of its own, but for what does not begin as text does. */
export function isNoText([first = 0]: Uint8Array): boolean {
  return !/[\t\n\r\x20-\x7e\xef]/.test(String.fromCharCode(first));
}
