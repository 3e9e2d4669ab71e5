/**
 * What the first bytes of a body say of its content coding. Each function answers undefined while there are too few of
 * them to tell; at the end of a body, those that there are have to do.
 */

export function isGzip([a, b]: Uint8Array): boolean | undefined {
  if (a === undefined || (a === 0x1f && b === undefined)) return undefined;
  return a === 0x1f && b === 0x8b;
}

/** RFC 1950, 2.2: the method is 8, and the two bytes are a multiple of 31. */
export function isZlib([a, b]: Uint8Array): boolean | undefined {
  if (a === undefined) return undefined;
  if ((a & 0x0f) !== 8 || a >> 4 > 7) return false;
  return b === undefined ? undefined : ((a << 8) | b) % 31 === 0;
}

/** RFC 8878, 3.1.1 and 3.1.2: the magic number of a frame, or of one that is skipped. */
export function isZstd([a, b, c, d]: Uint8Array): boolean | undefined {
  if (a === undefined) return undefined;
  const rest = a === 0x28 ? [0xb5, 0x2f, 0xfd] : a >> 4 === 5 ? [0x2a, 0x4d, 0x18] : undefined;
  if (rest === undefined) return false;
  for (const [at, byte] of [b, c, d].entries())
    if (byte !== rest[at]) return byte === undefined ? undefined : false;
  return true;
}

/** So many bytes of a body are looked at, if they are there. */
const looked = 512;
/** With so many it can be told: in them what is encoded has a dozen control characters. */
const enough = 128;

/**
 * Brotli has no sign of its own, but for what text does not hold. A page of 64 KiB to 1 MiB that is encoded at once begins
 * with `[`; but of what is encoded one byte in ten is a control character, of text none.
 */
export function looksBinary(bytes: Uint8Array, isWhole: boolean): boolean | undefined {
  const isEnough = isWhole || bytes.length >= enough;
  if (bytes.length === 0) return isEnough ? false : undefined;
  if (!/[\t\n\r\x20-\x7e\xef]/.test(String.fromCharCode(bytes[0]!))) return true;
  if (!isEnough) return undefined;
  const begun = bytes.subarray(0, looked);
  return begun.filter(isControl).length > begun.length / 64; // a stray one makes no coding
}

/**
 * Brotli cannot begin with `<` or a byte order mark: both would be a metadata block with its reserved bit set (RFC 7932,
 * 9.2). So a page that is sent piece by piece does not wait.
 */
export function isBrotli(bytes: Uint8Array, isWhole: boolean): boolean | undefined {
  return bytes[0] === 0x3c || bytes[0] === 0xef ? false : looksBinary(bytes, isWhole);
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d);
}
