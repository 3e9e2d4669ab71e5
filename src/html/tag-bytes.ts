/** Classes of bytes within a tag. */
import { GREATER_THAN, isWhitespace, SLASH } from '../text/ascii.ts';
import { byteClass } from '../text/bytes.ts';

export const isSpace: Uint8Array = /* @__PURE__ */ byteClass(isWhitespace);
export const endsTagName: Uint8Array = /* @__PURE__ */ byteClass(
  (byte) => isWhitespace(byte) || byte === SLASH || byte === GREATER_THAN,
);
export const endsUnquotedValue: Uint8Array = /* @__PURE__ */ byteClass(
  (byte) => isWhitespace(byte) || byte === GREATER_THAN,
);
