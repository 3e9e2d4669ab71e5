/** Encodings in which a page cannot be read, and the byte order marks that show some of them. */

/** The body is in an encoding in which a byte below 0x80 need not be an ASCII character. */
export class UnreadableEncoding extends Error {}

/** Looks for a byte order mark of UTF-16 or UTF-32 in the first bytes: FF FE, FE FF or 00 00 FE FF. */
export class ByteOrderMarkDetector {
  #first: number[] | undefined = [];

  /** Whether the bytes up to and with this chunk show that the body is UTF-16 or UTF-32. */
  read(chunk: Buffer): boolean {
    if (this.#first === undefined) return false;
    for (let i = 0; i < chunk.length && this.#first.length < 4; i++) this.#first.push(chunk[i]!);
    const [a, b, c, d] = this.#first;
    const isUtf16OrUtf32Le = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
    const isUtf32Be = a === 0 && b === 0 && c === 0xfe && d === 0xff;
    if (isUtf16OrUtf32Le || isUtf32Be || this.#first.length === 4) this.#first = undefined;
    return isUtf16OrUtf32Le || isUtf32Be;
  }
}
