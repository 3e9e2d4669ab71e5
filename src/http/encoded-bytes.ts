/**
 * The bytes of an encoded body: whether they have the coding that `Content-Encoding` names, and how they are kept in case they cannot
 * be decoded. A test of the first bytes returns undefined while there are too few; at the end of the body it always decides.
 */

/** RFC 1952, 2.3.1: ID1 is 31, ID2 is 139. */
export function isGzip([a, b]: Uint8Array): boolean | undefined {
  if (a === undefined || (a === 0x1f && b === undefined)) return undefined;
  return a === 0x1f && b === 0x8b;
}

/** RFC 1950, 2.2: the method is 8 (deflate), the window at most 32 KiB (7), and both bytes a multiple of 31. */
export function isZlib([a, b]: Uint8Array): boolean | undefined {
  if (a === undefined) return undefined;
  if ((a & 0x0f) !== 8 || a >> 4 > 7) return false;
  return b === undefined ? undefined : ((a << 8) | b) % 31 === 0;
}

/** RFC 8878, 3.1.1 and 3.1.2: the magic number of a Zstandard frame, or one of the 16 of a skippable frame. */
export function isZstd([a, b, c, d]: Uint8Array): boolean | undefined {
  if (a === undefined) return undefined;
  const rest = a === 0x28 ? [0xb5, 0x2f, 0xfd] : a >> 4 === 5 ? [0x2a, 0x4d, 0x18] : undefined;
  if (rest === undefined) return false;
  for (const [at, byte] of [b, c, d].entries())
    if (byte !== rest[at]) return byte === undefined ? undefined : false;
  return true;
}

/** Enough for a decision: of 128 encoded bytes 13 are control characters on average, and at most 2 once in 12,000 bodies. */
const minSampleLength = 128;
/** A longer sample would not decide better: of 512 encoded bytes at most 8 are control characters once in 10^15 bodies. */
const maxSampleLength = 512;

/**
 * Whether a body is binary. Brotli has no magic number: a page of 64 KiB to 1 MiB that is compressed in one go begins with
 * `[`, like JSON. But its bytes are nearly random, so that 27 of 256 are control characters. Text has none.
 */
export function looksBinary(bytes: Uint8Array, isWhole: boolean): boolean | undefined {
  const isEnough = isWhole || bytes.length >= minSampleLength;
  if (bytes.length === 0) return isEnough ? false : undefined;
  if (!/[\t\n\r\x20-\x7e\xef]/.test(String.fromCharCode(bytes[0]!))) return true;
  if (!isEnough) return undefined;
  const sample = bytes.subarray(0, maxSampleLength);
  // A page may contain a stray control character: tolerate one in 64.
  return sample.filter(isControl).length > sample.length / 64;
}

/**
 * A Brotli stream cannot begin with `<` or a UTF-8 byte order mark: both would start a metadata block whose reserved bit
 * is set (RFC 7932, 9.2). Nor with `{`: that is an empty last block, whose padding must be zeros. So a page or JSON that
 * is streamed without a coding need not wait for a sample.
 */
export function isBrotli(bytes: Uint8Array, isWhole: boolean): boolean | undefined {
  const [first] = bytes;
  return first === 0x3c || first === 0x7b || first === 0xef ? false : looksBinary(bytes, isWhole);
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d);
}

/**
 * Whether a value of `Content-Encoding` says that the body is not encoded. `none` isn't a registered coding, but GraphQL Yoga,
 * graphql-sse and many event stream examples set it to keep proxies from encoding the body, and clients accept it.
 * @param name - in lower case, without spaces around it
 */
export function isNoCoding(name: string): boolean {
  return name === '' || name === 'identity' || name === 'none';
}

/** An encoded body that has produced no output after 1 MiB is broken, or an attempt to fill the memory. */
export const maxOriginalBytes: number = 1024 * 1024;
/** Small chunks are copied into blocks: a Uint8Array of one byte takes about a hundred bytes of memory. */
const blockLength = 16 * 1024;

/** Keeps an encoded body until the first output, so that a corrupt one can be sent unchanged. */
export class OriginalBytes {
  #blocks: Uint8Array<ArrayBuffer>[] = [];
  /** Bytes used in the last block; `blockLength` if it is a chunk of the app. */
  #used = blockLength;
  #length = 0;

  get isFull(): boolean {
    return this.#length > maxOriginalBytes;
  }

  /** @param bytes - must not be changed afterwards */
  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (bytes.length > blockLength - this.#used) {
      this.#endBlock();
      if (bytes.length >= blockLength / 2) return void this.#blocks.push(bytes);
      this.#blocks.push(new Uint8Array(blockLength));
      this.#used = 0;
    }
    this.#blocks[this.#blocks.length - 1]!.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** Removes and returns everything, in order. */
  take(): Uint8Array<ArrayBuffer>[] {
    this.#endBlock();
    return this.#blocks.splice(0);
  }

  /** Ends the last block. */
  #endBlock(): void {
    const last = this.#blocks.length - 1;
    if (this.#used < blockLength) this.#blocks[last] = this.#blocks[last]!.subarray(0, this.#used);
    this.#used = blockLength;
  }
}
