/**
 * Rewrites a body chunk by chunk: it holds the bytes that the scanner still needs, and applies the scanner's edits to
 * the rest. It does not know what the bytes mean. It returns an unchanged chunk without copying it.
 *
 * Longer than most files: held, read and written bytes must fit together exactly.
 */
import { copyOfScratch, releaseScratch, takeScratch } from '../simd/scratch.ts';
import { type BodyTransform, readAsBytes } from '../text/body-transform.ts';
import { asBuffer } from '../text/bytes.ts';
import type { Edit } from '../text/edit.ts';

/** Reads bytes and creates edits: in order, and all before `heldFrom`. */
export interface Scanner {
  scan(bytes: Buffer, to: number): void;
  end(bytes: Buffer, to: number): void;
  /** The scanner no longer needs bytes before this offset. */
  readonly heldFrom: number;
  /** Called when bytes were dropped from the front: offsets shrink by their number. */
  rebase(by: number): void;
  /** The next chunk may take long: frees what only reading needs. */
  rest?(): void;
  /** Whether it skips markup, for which its bytes are copied into WebAssembly's memory. */
  readonly skipsMarkup?: boolean;
}

/** Detects pages in an encoding that we cannot read. */
export interface EncodingWatch {
  /** @returns how many of the last bytes must not be read yet, or never if `isUnreadable` is then true */
  read(chunk: Buffer): number;
  readonly isUnreadable: boolean;
  /** Whether the page can be read to its end. */
  readonly isSettled: boolean;
}

/** Why a body passes through unchanged. */
export class UnreadableEncoding extends Error {}

/** Reads bytes in WebAssembly's memory, if that is free. */
export function readInScratch(bytes: Buffer, read: (bytes: Buffer) => void): void {
  const scratch = takeScratch(nothing, 0, bytes);
  try {
    read(scratch ?? bytes);
  } finally {
    if (scratch !== undefined) releaseScratch();
  }
}

/** Below this length, a copy into WebAssembly costs more than it saves. */
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
  #watch: EncodingWatch | undefined;

  /**
   * @param edits - the array to which the scanner adds its edits
   * @param onError - called with the reason why the rest of the body passes through unchanged
   * @param watch - for a page that may be in an unreadable encoding
   */
  constructor(scanner: Scanner, edits: Edit[], onError: (error: unknown) => void, watch?: EncodingWatch) {
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
    // Held bytes are copied with every chunk. If they are no longer than the chunk, this never copies more than the body.
    const isWorthCopy = isLast || (chunk.length >= minScratchLength && chunk.length >= held.length);
    let unread: number;
    try {
      unread = this.#unreadOf(chunk);
    } catch (error) {
      return this.#fail(error, held.append(chunk));
    }
    const scratch =
      isWorthCopy && this.#scanner.skipsMarkup ? takeScratch(held.content, held.length, chunk) : undefined;
    try {
      const all = scratch ?? held.append(chunk);
      // If nothing is held, the output is the chunk itself.
      const source = held.length > 0 ? all : chunk;
      const to = Math.max(all.length - unread, 0);
      const out = isLast ? this.#readLast(all, source, to) : this.#readMore(all, source, to);
      return scratch === undefined ? out : copyOfScratch(out);
    } finally {
      if (scratch !== undefined) releaseScratch();
    }
  }

  /**
   * @param all - the held bytes and the chunk
   * @param source - the same bytes, from which the output is sliced
   * @param to - the end of the bytes that may be read
   */
  #readMore(all: Buffer, source: Buffer, to: number): Buffer {
    const scanner = this.#scanner;
    try {
      scanner.scan(all, to);
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

  #readLast(all: Buffer, source: Buffer, to: number): Buffer {
    this.#held.clear();
    this.#isPassthrough = true;
    try {
      if (this.#watch?.isUnreadable) this.#scanner.scan(all, to);
      else this.#scanner.end(all, all.length);
    } catch (error) {
      return this.#fail(error, source);
    }
    if (this.#watch?.isUnreadable) return this.#fail(new UnreadableEncoding(), source);
    return this.#apply(source, source.length);
  }

  /** Like `end`, for a whole body as a text. A lone surrogate stays in it. */
  endText(text: string): string {
    if (this.#held.length > 0 || this.#watch !== undefined) return this.end(Buffer.from(text)).toString();
    return readAsBytes(text, (bytes) => {
      if (this.#passesThrough(bytes)) return text;
      this.#isPassthrough = true;
      try {
        readInScratch(bytes, (readable) => this.#scanner.end(readable, bytes.length));
      } catch (error) {
        return this.#fail(error, bytes).toString();
      }
      const edits = this.#edits;
      const out = spliceText(text, bytes, edits);
      if (out === undefined) return this.#apply(bytes, bytes.length).toString();
      edits.length = 0;
      return out;
    });
  }

  /** @returns how many of the last bytes must not be read */
  #unreadOf(chunk: Buffer): number {
    if (this.#watch === undefined) return 0;
    const unread = this.#watch.read(chunk);
    if (this.#watch.isSettled) this.#watch = undefined;
    return unread;
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

/** Up to this length, bytes are held as text. */
const maxHeldText = 256;

const nothing: Buffer = Buffer.alloc(0);

/** The bytes that wait for the next chunk: an incomplete tag or value. */
class HeldBytes {
  /**
   * Has spare room, so that appending a chunk rarely copies. Not from Node's pool: a slice would keep the whole pool alive
   * (64 KiB from Node.js 24 on).
   */
  #bytes: Buffer = nothing;
  /** Latin-1 text instead of `#bytes`: V8 keeps text in its own heap, without external memory. */
  #text = '';
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Longer than `length`: bytes after the held ones are garbage. */
  get bytes(): Buffer {
    if (this.#text !== '') {
      this.#bytes = Buffer.allocUnsafeSlow(2 * maxHeldText);
      this.#bytes.write(this.#text, 'latin1');
      this.#text = '';
    }
    return this.#bytes;
  }

  /** The length in either form. */
  get content(): Buffer | string {
    return this.#text === '' ? this.#bytes : this.#text;
  }

  /** Whether these bytes are in our own buffer. */
  isIn(bytes: Buffer): boolean {
    return this.#length > 0 && bytes.buffer === this.#bytes.buffer;
  }

  /** @returns all held bytes with the chunk; the chunk itself if nothing was held */
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

  /** Drops the held bytes. */
  clear(): void {
    this.#length = 0;
    this.#bytes = nothing;
    this.#text = '';
  }

  /** Drops the held bytes. @returns them with the chunk */
  releaseBefore(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const all = Buffer.concat([this.bytes.subarray(0, this.#length), chunk]);
    this.clear();
    return all;
  }
}

/** Looks for a byte order mark of UTF-16 or UTF-32 in the first bytes: FF FE, FE FF or 00 00 FE FF. */
class ByteOrderMarkDetector {
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

/**
 * Drops edits that overlap the one before: they would lose bytes of the page.
 * @returns whether there was one
 */
export function dropOverlapping(edits: Edit[], to: number): boolean {
  let last = 0;
  let kept = 0;
  for (const edit of edits) {
    if (!(edit.start >= last && edit.end >= edit.start && edit.end <= to)) continue;
    edits[kept++] = edit;
    last = edit.end;
  }
  const hasDropped = kept < edits.length;
  edits.length = kept;
  return hasDropped;
}

/** @param edits - in order and without overlaps; their texts are bytes, as Latin-1 */
function spliceBytes(bytes: Buffer, to: number, edits: readonly Edit[]): Buffer {
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
  return out;
}

/** A call into the runtime costs as much as a loop over about 50 bytes. @returns the offset after the copy */
function copyBytes(bytes: Buffer, from: number, to: number, out: Buffer, at: number): number {
  const end = at + to - from;
  if (to - from > 48) bytes.copy(out, at, from, to);
  else for (let offset = at; offset < end; offset++) out[offset] = bytes[from + offset - at]!;
  return end;
}

/**
 * Slices unchanged parts from the text, which is cheap, instead of decoding them from the bytes: for a page with a character beyond
 * Latin-1, decoding is most of the work.
 * @param bytes - the text in UTF-8
 * @param edits - of these bytes, in order; their texts are bytes too, as Latin-1
 * @returns undefined if an edit overlaps the one before, splits a character, or follows a lone surrogate
 */
function spliceText(text: string, bytes: Buffer, edits: readonly Edit[]): string | undefined {
  const isAscii = bytes.length === text.length;
  let out = '';
  let at = 0; // in bytes, where the previous edit ends
  let unit = 0; // the same in UTF-16 units
  for (const { start, end, text: inserted } of edits) {
    if (start < at || end < start || end > bytes.length) return undefined;
    if (isContinuation(bytes[start]) || isContinuation(bytes[end])) return undefined;
    const from = unit + (isAscii ? start - at : countUnits(bytes, at, start));
    if (isHighSurrogate(text.charCodeAt(from - 1))) return undefined; // it could form a pair with the edit
    out += text.slice(unit, from) + decode(inserted);
    unit = from + (isAscii ? end - start : countUnits(bytes, start, end));
    at = end;
  }
  return out + text.slice(unit);
}

function decode(bytes: string): string {
  return /[^\0-\x7f]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}

/** Whether a UTF-8 byte is not the first of its character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** An edit follows a high surrogate only if that is alone. */
function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

/** Converts a length in bytes of UTF-8 to UTF-16 units. Most bytes are ASCII: four of them are counted at a time. */
function countUnits(bytes: Buffer, from: number, to: number): number {
  let units = to - from;
  let at = from;
  for (; at < to && ((bytes.byteOffset + at) & 3) !== 0; at++) units -= surplusOf(bytes[at]!);
  if (at === to) return units;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >> 2);
  for (let word = 0; word < words.length; word++, at += 4) {
    if ((words[word]! & 0x80808080) !== 0) for (let i = at; i < at + 4; i++) units -= surplusOf(bytes[i]!);
  }
  for (; at < to; at++) units -= surplusOf(bytes[at]!);
  return units;
}

/** Continuation bytes do not count; a character of four bytes is two units. */
function surplusOf(byte: number): number {
  if (byte < 0x80) return 0;
  return byte < 0xc0 ? 1 : byte < 0xf0 ? 0 : -1;
}
