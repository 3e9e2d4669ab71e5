/** What has come of an encoded body while nothing has gone out, to be sent as it came should it turn out corrupt. */

/** So much is kept; a body that has yielded no page by then never will, or wants to fill the memory. */
export const maxOriginalBytes: number = 1024 * 1024;
/** Smaller chunks are put together: each of a byte would cost a hundred. */
const blockLength = 16 * 1024;

export class OriginalBytes {
  #blocks: Uint8Array<ArrayBuffer>[] = [];
  /** How much of the last block is used, if it was made here. */
  #used = blockLength;
  #length = 0;

  get isFull(): boolean {
    return this.#length > maxOriginalBytes;
  }

  /** @param bytes - nobody writes to them any more */
  add(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (bytes.length > blockLength - this.#used) {
      this.#seal();
      if (bytes.length >= blockLength / 2) return void this.#blocks.push(bytes);
      this.#blocks.push(new Uint8Array(blockLength));
      this.#used = 0;
    }
    this.#blocks[this.#blocks.length - 1]!.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** All of it, in order. */
  take(): Uint8Array<ArrayBuffer>[] {
    this.#seal();
    return this.#blocks.splice(0);
  }

  /** Nothing is added to the last block any more. */
  #seal(): void {
    const last = this.#blocks.length - 1;
    if (this.#used < blockLength) this.#blocks[last] = this.#blocks[last]!.subarray(0, this.#used);
    this.#used = blockLength;
  }
}
