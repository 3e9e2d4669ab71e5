/**
 * Applies edits of a text's bytes to the text itself. What stays is cut out of the text, which is cheap, instead of
 * decoded from the bytes: for a page with one character beyond Latin-1 that is most of the work.
 */
import type { Edit } from '../edit.ts';

/**
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

/** How many units of UTF-16 so many bytes of UTF-8 are. Four bytes of ASCII, which most are, count at once. */
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
