/** Keeps the original bytes of an encoded body until the first output, so that a corrupt body can be sent unchanged. */

/** An encoded body that has produced no output after 1 MiB is broken, or an attempt to fill the memory. */
export const maxOriginalBytes: number = 1024 * 1024;
/** Small chunks are copied into blocks: a Uint8Array of one byte takes about a hundred bytes of memory. */
const blockLength = 16 * 1024;

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
