/** What bytes mean within a tag: for each of the 256 whether it ends a run, as 1 or 0. */
import { GREATER_THAN, isWhitespace, SLASH } from '../ascii.ts';
import { byteClass } from '../bytes.ts';

export const isSpace: Uint8Array = byteClass(isWhitespace);
export const endsTagName: Uint8Array = byteClass(
  (byte) => isWhitespace(byte) || byte === SLASH || byte === GREATER_THAN,
);
export const endsUnquoted: Uint8Array = byteClass((byte) => isWhitespace(byte) || byte === GREATER_THAN);
