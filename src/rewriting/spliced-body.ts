/** Applies the edits of a body: to its bytes, or to the text that the bytes were made from. */
import type { Edit } from '../text/edit.ts';

/**
 * Drops edits that overlap the one before: they would lose bytes of the page.
 * @returns whether there was one
 */
export function dropOverlapping(edits: Edit[], to: number): boolean {
  let last = 0;
  let kept = 0;
  for (const edit of edits) {
    if (edit.start < last || edit.end < edit.start || edit.end > to) continue;
    edits[kept++] = edit;
    last = edit.end;
  }
  const hasDropped = kept < edits.length;
  edits.length = kept;
  return hasDropped;
}

/** @param edits - in order, none of which overlaps another; their texts are bytes, as Latin-1 */
export function spliceBytes(bytes: Buffer, to: number, edits: readonly Edit[]): Buffer {
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

/** A call into the runtime costs as much as a loop over some 50 bytes. @returns the offset after the copy */
function copyBytes(bytes: Buffer, from: number, to: number, out: Buffer, at: number): number {
  const end = at + to - from;
  if (to - from > 48) bytes.copy(out, at, from, to);
  else for (let offset = at; offset < end; offset++) out[offset] = bytes[from + offset - at]!;
  return end;
}

/**
 * Cuts what stays out of the text, which is cheap, instead of decoding it from the bytes: for a page with one character
 * beyond Latin-1 that is most of the work.
 * @param bytes - the text in UTF-8
 * @param edits - of these bytes, in order; their texts are bytes as well, as Latin-1
 * @returns undefined if an edit overlaps the one before, cuts a character in two, or stands behind half of one
 */
export function spliceText(text: string, bytes: Buffer, edits: readonly Edit[]): string | undefined {
  const isAscii = bytes.length === text.length;
  let out = '';
  let at = 0; // in bytes, where the edit before ends
  let unit = 0; // the same in UTF-16 units
  for (const { start, end, text: inserted } of edits) {
    if (start < at || end < start || end > bytes.length) return undefined;
    if (isContinuation(bytes[start]) || isContinuation(bytes[end])) return undefined;
    const from = unit + (isAscii ? start - at : countUnits(bytes, at, start));
    if (isHighSurrogate(text.charCodeAt(from - 1))) return undefined; // it could form a pair with what comes next
    out += text.slice(unit, from) + decode(inserted);
    unit = from + (isAscii ? end - start : countUnits(bytes, start, end));
    at = end;
  }
  return out + text.slice(unit);
}

function decode(bytes: string): string {
  return /[^\0-\x7f]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString() : bytes;
}

/** Whether a byte of UTF-8 is not the first of its character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Behind which an edit never stands unless it is half a character on its own. */
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

/** A continuation is no unit of its own; a character of four bytes is two units. */
function surplusOf(byte: number): number {
  if (byte < 0x80) return 0;
  return byte < 0xc0 ? 1 : byte < 0xf0 ? 0 : -1;
}
