/**
 * Rewrites a body chunk by chunk: it holds the bytes that the scanner still needs, and applies the scanner's edits to
 * the rest. It does not know what the bytes mean. An unchanged chunk is returned as it is, not copied.
 */
import type { BodyTransform } from '../body-transform.ts';
import { asBuffer } from '../bytes.ts';
import type { Edit } from '../edit.ts';
import { isInScratch, releaseScratch, takeScratch } from '../simd/scratch.ts';
import { withBytesOf } from '../text-bytes.ts';
import type { CharsetWatch } from './charset-watch.ts';
import { spliceText } from './spliced-text.ts';
import { ByteOrderMarkDetector, UnreadableEncoding } from './unreadable-encoding.ts';

/** Reads bytes and creates edits: in order, and all before `heldFrom`. */
export interface Scanner {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** The scanner needs no bytes before this offset any more. */
  readonly heldFrom: number;
  /** Tells the scanner that so many bytes were dropped from the front. */
  rebase(by: number): void;
  /** More may come, but not soon: lets go of what is only needed while it reads. */
  rest?(): void;
}

/** A smaller chunk is read before its copy would pay. */
const minScratchLength = 512;

/** So few held bytes wait for the next chunk as text. */
const maxHeldText = 256;

const nothing: Buffer = /* @__PURE__ */ Buffer.alloc(0);

export class ByteRewriter implements BodyTransform {
  readonly #scanner: Scanner;
  readonly #edits: Edit[];
  readonly #onError: (error: unknown) => void;
  /**
   * The held bytes, with spare room, so that appending a chunk rarely copies them. Not from Node's pool: a slice of
   * that would keep the whole pool alive (64 KiB from Node.js 24 on).
   */
  #held: Buffer = nothing;
  /** The held bytes in Latin-1, in place of `#held`: text is an object of V8's, and takes no memory outside. */
  #heldText = '';
  #length = 0;
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
    const bytes = asBuffer(chunk);
    this.#unpackHeld();
    if (this.#passesThrough(bytes)) return this.#release(bytes);
    // Held bytes are copied with each chunk: with a chunk no smaller than they are, that is no more than the body.
    const isLarge = bytes.length >= minScratchLength && bytes.length >= this.#length;
    const scratch = isLarge ? takeScratch(this.#held, this.#length, bytes) : undefined;
    if (scratch === undefined) return this.#write(bytes, this.#length > 0 ? this.#append(bytes) : bytes);
    try {
      return this.#write(bytes, scratch);
    } finally {
      releaseScratch();
    }
  }

  /** @param all - what is held, and the chunk */
  #write(bytes: Buffer, all: Buffer): Buffer {
    const hasHeld = this.#length > 0;
    try {
      this.#scanner.scan(all, this.#readable(bytes, all));
    } catch (error) {
      return this.#fail(error, all);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), all);
    const heldFrom = Math.min(this.#scanner.heldFrom, all.length);
    const out = this.#apply(hasHeld ? all : bytes, heldFrom);
    if (heldFrom > 0 || !hasHeld || isInScratch(all)) this.#hold(all, heldFrom);
    if (heldFrom > 0) this.#scanner.rebase(heldFrom);
    this.#scanner.rest?.();
    return out;
  }

  end(last: Uint8Array = nothing): Buffer {
    const bytes = asBuffer(last);
    this.#unpackHeld();
    if (this.#passesThrough(bytes)) return this.#release(bytes);
    const scratch = takeScratch(this.#held, this.#length, bytes);
    if (scratch === undefined) return this.#end(bytes, this.#length > 0 ? this.#append(bytes) : bytes);
    try {
      return this.#end(bytes, scratch);
    } finally {
      releaseScratch();
    }
  }

  /** @param all - what is held, and the last chunk */
  #end(bytes: Buffer, all: Buffer): Buffer {
    const hasHeld = this.#length > 0;
    this.#length = 0;
    this.#isPassthrough = true;
    try {
      const to = this.#readable(bytes, all);
      if (this.#watch?.isUnreadable) this.#scanner.scan(all, to);
      else this.#scanner.end(all, all.length);
    } catch (error) {
      return this.#fail(error, hasHeld ? all : bytes);
    }
    const source = hasHeld ? all : bytes;
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), source);
    return this.#apply(source, source.length);
  }

  /** Like `end`, for a body that is there as text. */
  endText(text: string): string {
    if (this.#length > 0 || this.#watch !== undefined) return this.end(Buffer.from(text)).toString();
    return withBytesOf(text, (bytes) => {
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
      const out = spliceText(text, bytes, this.#edits) ?? this.#apply(bytes, bytes.length).toString();
      this.#edits.length = 0;
      return out;
    });
  }

  /** How far the scanner may read. */
  #readable(chunk: Buffer, all: Buffer): number {
    if (this.#watch === undefined) return all.length;
    const unread = this.#watch.read(chunk);
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

  #append(chunk: Buffer): Buffer {
    const length = this.#length + chunk.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#length);
    this.#length = length;
    return this.#held.subarray(0, length);
  }

  /** Copies the held bytes, since the app may reuse the chunk's memory. */
  #hold(all: Buffer, from: number): void {
    this.#length = all.length - from;
    const isText = this.#length <= maxHeldText;
    this.#heldText = isText ? all.toString('latin1', from) : '';
    this.#held = isText ? nothing : Buffer.allocUnsafeSlow(this.#length * 2);
    if (!isText) all.copy(this.#held, 0, from);
  }

  #unpackHeld(): void {
    if (this.#heldText === '') return;
    this.#held = Buffer.allocUnsafeSlow(2 * maxHeldText);
    this.#held.write(this.#heldText, 'latin1');
    this.#heldText = '';
  }

  #apply(bytes: Buffer, to: number): Buffer {
    const edits = this.#edits;
    if (edits.length === 0) {
      const out = to === bytes.length ? bytes : bytes.subarray(0, to);
      return isInScratch(bytes) ? Buffer.from(out) : out;
    }
    this.#dropInvalidEdits(to);
    let length = to;
    for (const { start, end, text } of edits) length += text.length - (end - start);
    const out = Buffer.allocUnsafe(length);
    let from = 0;
    let at = 0;
    for (const { start, end, text } of edits) {
      at = copyBytes(bytes, from, start, out, at);
      at += out.write(text, at, 'latin1');
      from = end;
    }
    copyBytes(bytes, from, to, out, at);
    edits.length = 0;
    return out;
  }

  /** Drops an edit that overlaps the one before, since it would lose bytes of the page, and reports it. */
  #dropInvalidEdits(to: number): void {
    const edits = this.#edits;
    let last = 0;
    let kept = 0;
    for (const edit of edits) {
      if (edit.start < last || edit.end < edit.start || edit.end > to) continue;
      edits[kept++] = edit;
      last = edit.end;
    }
    if (kept === edits.length) return;
    edits.length = kept;
    this.#onError(new RangeError('edits that overlap'));
  }

  /** Applies the edits found before the error. The rest of the body passes through unchanged. */
  #fail(error: unknown, all: Buffer): Buffer {
    this.#isPassthrough = true;
    this.#length = 0;
    this.#onError(error);
    return this.#apply(all, all.length);
  }

  #release(chunk: Buffer): Buffer {
    const out = this.#length === 0 ? chunk : Buffer.concat([this.#held.subarray(0, this.#length), chunk]);
    this.#length = 0;
    return out;
  }
}

/** A call into the runtime costs as much as a loop over some 50 bytes. @returns the offset after the copy */
function copyBytes(bytes: Buffer, from: number, to: number, out: Buffer, at: number): number {
  const end = at + to - from;
  if (to - from > 48) bytes.copy(out, at, from, to);
  else for (let offset = at; offset < end; offset++) out[offset] = bytes[from + offset - at]!;
  return end;
}
