/**
 * Rewrites a body chunk by chunk: it holds the bytes that the scanner still needs, and applies the scanner's edits to
 * the rest. It does not know what the bytes mean. An unchanged chunk is returned as it is, not copied.
 */
import { copyOfScratch, releaseScratch, takeScratch } from '../simd/scratch.ts';
import { type BodyTransform, readAsBytes } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import type { Edit } from '../text/edit.ts';
import { ByteOrderMarkDetector, type CharsetWatch, UnreadableEncoding } from './charset-watch.ts';
import { dropOverlapping, spliceBytes, spliceText } from './spliced-body.ts';

/** Reads bytes and creates edits: in order, and all before `heldFrom`. */
export interface Scanner {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** The scanner needs no bytes before this offset any more. */
  readonly heldFrom: number;
  /** Called when bytes were dropped from the front: offsets shrink by their number. */
  rebase(by: number): void;
  /** More may come, but not soon: lets go of what is only needed while it reads. */
  rest?(): void;
}

/** A smaller chunk is read before its copy would pay. */
const minScratchLength = 512;

export class ByteRewriter implements BodyTransform {
  readonly #scanner: Scanner;
  readonly #edits: Edit[];
  readonly #onError: (error: unknown) => void;
  readonly #held: HeldBytes = new HeldBytes();
  /** Set once the scanner has failed, or the body turned out to be in an encoding that it cannot read. */
  #isPassthrough = false;
  readonly #byteOrderMark: ByteOrderMarkDetector = new ByteOrderMarkDetector();
  /** Undefined if the character encoding is known, or does not matter. */
  #watch: CharsetWatch | undefined;

  /**
   * @param edits - the array to which the scanner adds its edits
   * @param onError - called with the reason why the rest of the body passes through unchanged
   * @param watch - for a page that may be in an encoding which cannot be read
   */
  constructor(scanner: Scanner, edits: Edit[], onError: (error: unknown) => void, watch?: CharsetWatch) {
    this.#scanner = scanner;
    this.#edits = edits;
    this.#onError = onError;
    this.#watch = watch;
  }

  write(chunk: Uint8Array): Buffer {
    return this.#read(asBuffer(chunk), false);
  }

  end(last: Uint8Array = nothing): Buffer {
    return this.#read(asBuffer(last), true);
  }

  #read(chunk: Buffer, isLast: boolean): Buffer {
    const held = this.#held;
    if (this.#passesThrough(chunk)) return held.releaseBefore(chunk);
    // Held bytes are copied with each chunk: with a chunk no smaller than they are, that is no more than the body.
    const isWorthCopy = isLast || (chunk.length >= minScratchLength && chunk.length >= held.length);
    const scratch = isWorthCopy ? takeScratch(held.content, held.length, chunk) : undefined;
    try {
      const all = scratch ?? held.append(chunk);
      // Where nothing is held, the chunk itself goes out.
      const source = held.length > 0 ? all : chunk;
      const out = isLast ? this.#readLast(all, source, chunk) : this.#readMore(all, source, chunk);
      return scratch === undefined ? out : copyOfScratch(out);
    } finally {
      if (scratch !== undefined) releaseScratch();
    }
  }

  /**
   * @param all - what was held, and the chunk
   * @param source - the same bytes, from which the output is cut
   */
  #readMore(all: Buffer, source: Buffer, chunk: Buffer): Buffer {
    const scanner = this.#scanner;
    try {
      scanner.scan(all, this.#readable(chunk, all));
    } catch (error) {
      return this.#fail(error, source);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), source);
    const heldFrom = Math.min(scanner.heldFrom, all.length);
    const out = this.#apply(source, heldFrom);
    const isHeld = heldFrom === 0 && this.#held.isIn(all); // `append` has copied it
    if (!isHeld) this.#held.hold(all, heldFrom);
    if (heldFrom > 0) scanner.rebase(heldFrom);
    scanner.rest?.();
    return out;
  }

  #readLast(all: Buffer, source: Buffer, chunk: Buffer): Buffer {
    this.#held.clear();
    this.#isPassthrough = true;
    try {
      const to = this.#readable(chunk, all);
      if (this.#watch?.isUnreadable) this.#scanner.scan(all, to);
      else this.#scanner.end(all, all.length);
    } catch (error) {
      return this.#fail(error, source);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), source);
    return this.#apply(source, source.length);
  }

  /** Like `end`, for a whole body as a text, of which half a character keeps its place. */
  endText(text: string): string {
    if (this.#held.length > 0 || this.#watch !== undefined) return this.end(Buffer.from(text)).toString();
    return readAsBytes(text, (bytes) => {
      if (this.#passesThrough(bytes)) return text;
      this.#isPassthrough = true;
      const scratch = takeScratch(nothing, 0, bytes);
      try {
        this.#scanner.end(scratch ?? bytes, bytes.length);
      } catch (error) {
        return this.#fail(error, bytes).toString();
      } finally {
        if (scratch !== undefined) releaseScratch();
      }
      const edits = this.#edits;
      const out = spliceText(text, bytes, edits);
      if (out === undefined) return this.#apply(bytes, bytes.length).toString();
      edits.length = 0;
      return out;
    });
  }

  /** How far the scanner may read. */
  #readable(chunk: Buffer, all: Buffer): number {
    if (this.#watch === undefined) return all.length;
    // The same bytes, unless some were held: those in the memory of WebAssembly are read faster.
    const unread = this.#watch.read(all.length === chunk.length ? all : chunk);
    if (this.#watch.isSettled) this.#watch = undefined;
    return Math.max(all.length - unread, 0);
  }

  /** Whether this chunk and all later ones pass through unchanged. */
  #passesThrough(bytes: Buffer): boolean {
    if (!this.#isPassthrough && this.#byteOrderMark.read(bytes)) {
      this.#isPassthrough = true;
      this.#onError(new UnreadableEncoding());
    }
    return this.#isPassthrough;
  }

  #apply(source: Buffer, to: number): Buffer {
    const edits = this.#edits;
    if (edits.length === 0) {
      return to === source.length ? source : source.subarray(0, to);
    }
    if (dropOverlapping(edits, to)) this.#onError(new RangeError('edits that overlap'));
    const out = spliceBytes(source, to, edits);
    edits.length = 0;
    return out;
  }

  /** Applies the edits found before the error. The rest of the body passes through unchanged. */
  #fail(error: unknown, source: Buffer): Buffer {
    this.#isPassthrough = true;
    this.#held.clear();
    this.#onError(error);
    return this.#apply(source, source.length);
  }
}

/** Up to this length, the bytes wait as text. */
const maxHeldText = 256;

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

/** The last bytes of a body that wait for the next chunk: a tag or a value that is not complete. */
class HeldBytes {
  /**
   * With spare room, so that appending a chunk rarely copies them. Not from Node's pool: a slice of that would keep the
   * whole pool alive (64 KiB from Node.js 24 on).
   */
  #bytes: Buffer = nothing;
  /** In Latin-1, in place of `#bytes`: V8 keeps text in its own heap, so that it takes no memory outside. */
  #text = '';
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Longer than `length`: what follows the held bytes means nothing. */
  get bytes(): Buffer {
    if (this.#text !== '') {
      this.#bytes = Buffer.allocUnsafeSlow(2 * maxHeldText);
      this.#bytes.write(this.#text, 'latin1');
      this.#text = '';
    }
    return this.#bytes;
  }

  /** In either form: as text it has no bytes yet. */
  get content(): Buffer | string {
    return this.#text === '' ? this.#bytes : this.#text;
  }

  /** Whether these bytes are its own. */
  isIn(bytes: Buffer): boolean {
    return this.#length > 0 && bytes.buffer === this.#bytes.buffer;
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
