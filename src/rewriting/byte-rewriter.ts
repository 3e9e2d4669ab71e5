/**
 * Chunks in, chunks out: keeps what a scanner still needs to see, and writes its edits into the rest. It knows
 * nothing of what the bytes mean. Where nothing changes, the very chunk that came in goes out.
 */
import type { BodyTransform } from '../body-transform.ts';
import { asBuffer } from '../bytes.ts';
import type { Edit } from '../edit.ts';
import type { CharsetWatch } from './charset-watch.ts';

/** Reads bytes and makes edits of them, all before `heldFrom` and in order. */
export interface Scanner {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** What comes before this offset has been read for good. */
  readonly heldFrom: number;
  /** So many bytes at the front have been dropped. */
  rebase(by: number): void;
}

const nothing: Buffer = Buffer.alloc(0);

export class ByteRewriter implements BodyTransform {
  readonly #scanner: Scanner;
  readonly #edits: Edit[];
  readonly #fault: (error: unknown) => void;
  /**
   * What is held, in a buffer that has room for more: adding a chunk costs no copy of what is there. It is not from
   * Node's pool, of which a piece keeps a whole block alive: 64 KiB from version 24 on.
   */
  #held: Buffer = nothing;
  #length = 0;
  /** Set once the scanner has failed, or the bytes turned out to be in an encoding that it cannot read. */
  #passes = false;
  readonly #mark: ByteOrderMark = new ByteOrderMark();
  /** Undefined where the character set is known, or none is of concern. */
  #watch: CharsetWatch | undefined;

  /**
   * @param edits - the array that the scanner puts its edits into
   * @param fault - hears why the rest of the body passes as it came
   * @param watch - for a page that may be in a character set which cannot be read
   */
  constructor(scanner: Scanner, edits: Edit[], fault: (error: unknown) => void, watch?: CharsetWatch) {
    this.#scanner = scanner;
    this.#edits = edits;
    this.#fault = fault;
    this.#watch = watch;
  }

  write(chunk: Uint8Array): Buffer {
    const bytes = asBuffer(chunk);
    if (this.#isPassing(bytes)) return this.#release(bytes);
    const isOwn = this.#length > 0;
    const all = isOwn ? this.#append(bytes) : bytes;
    try {
      this.#scanner.scan(all, this.#readable(bytes, all));
    } catch (error) {
      return this.#fail(error, all);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), all);
    const keep = Math.min(this.#scanner.heldFrom, all.length);
    const out = this.#apply(all, keep);
    if (keep > 0 || !isOwn) this.#hold(all, keep);
    if (keep > 0) this.#scanner.rebase(keep);
    return out;
  }

  end(last: Uint8Array = nothing): Buffer {
    const bytes = asBuffer(last);
    if (this.#isPassing(bytes)) return this.#release(bytes);
    const all = this.#length > 0 ? this.#append(bytes) : bytes;
    this.#length = 0;
    this.#passes = true;
    try {
      const to = this.#readable(bytes, all);
      if (this.#watch?.isUnreadable) this.#scanner.scan(all, to);
      else this.#scanner.end(all, all.length);
    } catch (error) {
      return this.#fail(error, all);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), all);
    return this.#apply(all, all.length);
  }

  /** How far the bytes may be read. */
  #readable(chunk: Buffer, all: Buffer): number {
    if (this.#watch === undefined) return all.length;
    const unread = this.#watch.read(chunk);
    if (this.#watch.isSettled) this.#watch = undefined;
    return Math.max(all.length - unread, 0);
  }

  /** Whether this chunk passes as it came, with all that follows. */
  #isPassing(bytes: Buffer): boolean {
    if (!this.#passes && this.#mark.read(bytes)) {
      this.#passes = true;
      this.#fault(new UnreadableEncoding());
    }
    return this.#passes;
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

  /** Keeps a copy: the chunk is its owner's again, who may reuse it. */
  #hold(all: Buffer, from: number): void {
    this.#length = all.length - from;
    this.#held = this.#length === 0 ? nothing : Buffer.allocUnsafeSlow(Math.max(256, this.#length * 2));
    all.copy(this.#held, 0, from);
  }

  #apply(bytes: Buffer, to: number): Buffer {
    if (this.#edits.length === 0) return to === bytes.length ? bytes : bytes.subarray(0, to);
    const edits = this.#takeEdits(to);
    let length = to;
    for (const { start, end, text } of edits) length += text.length - (end - start);
    const out = Buffer.allocUnsafe(length);
    let from = 0;
    let at = 0;
    for (const { start, end, text } of edits) {
      bytes.copy(out, at, from, start);
      at += start - from;
      at += out.write(text, at, 'latin1');
      from = end;
    }
    bytes.copy(out, at, from, to);
    return out;
  }

  /** An edit that reaches into another one would lose bytes of the page: it is left out, and heard of. */
  #takeEdits(to: number): Edit[] {
    const taken: Edit[] = [];
    let last = 0;
    for (const edit of this.#edits) {
      if (edit.start < last || edit.end < edit.start || edit.end > to) continue;
      taken.push(edit);
      last = edit.end;
    }
    if (taken.length < this.#edits.length) this.#fault(new RangeError('edits that overlap'));
    this.#edits.length = 0;
    return taken;
  }

  /** What was found before the fault still holds; the rest passes as it came, and is not lost. */
  #fail(error: unknown, all: Buffer): Buffer {
    this.#passes = true;
    this.#length = 0;
    this.#fault(error);
    return this.#apply(all, all.length);
  }

  #release(chunk: Buffer): Buffer {
    const out = this.#length === 0 ? chunk : Buffer.concat([this.#held.subarray(0, this.#length), chunk]);
    this.#length = 0;
    return out;
  }
}

/** The reason for passing the rest of a body that turned out to be in an encoding in which ASCII is not itself. */
export class UnreadableEncoding extends Error {}

/** Reads the first bytes of a body: UTF-16 and UTF-32 begin with FF FE, FE FF or 00 00 FE FF. */
class ByteOrderMark {
  #first: number[] | undefined = [];

  /** Whether the body turns out, with this chunk, to be UTF-16 or UTF-32. */
  read(chunk: Buffer): boolean {
    if (this.#first === undefined) return false;
    for (let i = 0; i < chunk.length && this.#first.length < 4; i++) this.#first.push(chunk[i]!);
    const [a, b, c, d] = this.#first;
    const isWide = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
    const isWider = a === 0 && b === 0 && c === 0xfe && d === 0xff;
    if (isWide || isWider || this.#first.length === 4) this.#first = undefined;
    return isWide || isWider;
  }
}
