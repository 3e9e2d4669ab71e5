/** The end of a body's bytes that waits for the next chunk: a tag or a value that is not complete. */

/** Up to this many bytes wait as text. */
const maxHeldText = 256;

export const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

export class HeldBytes {
  /**
   * With spare room, so that appending a chunk rarely copies them. Not from Node's pool: a slice of that would keep the
   * whole pool alive (64 KiB from Node.js 24 on).
   */
  #bytes: Buffer = nothing;
  /** In Latin-1, in place of `#bytes`: text is an object of V8's, and takes no memory outside. */
  #text = '';
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** They may be followed by others that mean nothing. */
  get bytes(): Buffer {
    if (this.#text !== '') {
      this.#bytes = Buffer.allocUnsafeSlow(2 * maxHeldText);
      this.#bytes.write(this.#text, 'latin1');
      this.#text = '';
    }
    return this.#bytes;
  }

  /** @returns all that is held now; the chunk itself if nothing was held, and nothing is */
  append(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    const { bytes } = this;
    if (length > bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, bytes.length * 2));
      bytes.copy(this.#bytes, 0, 0, this.#length);
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return this.#bytes.subarray(0, length);
  }

  /** Holds a copy of the bytes from an offset on, since the app may reuse the chunk's memory. */
  hold(all: Buffer, from: number): void {
    this.#length = all.length - from;
    const isText = this.#length <= maxHeldText;
    this.#text = isText ? all.toString('latin1', from) : '';
    this.#bytes = isText ? nothing : Buffer.allocUnsafeSlow(this.#length * 2);
    if (!isText) all.copy(this.#bytes, 0, from);
  }

  /** Holds nothing any more. */
  clear(): void {
    this.#length = 0;
    this.#bytes = nothing;
    this.#text = '';
  }

  /** @returns what was held, and the chunk; nothing is held any more */
  releaseBefore(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const all = Buffer.concat([this.bytes.subarray(0, this.#length), chunk]);
    this.clear();
    return all;
  }
}
