/** Elements whose start tag changes how the following bytes are tokenized. */
import { isName } from './attribute-reader.ts';

/** HTML elements with raw text, RCDATA (`textarea`, `title`) or script data. `noscript` is treated separately. */
export const rawTextElements: ReadonlySet<string> = /* @__PURE__ */ new Set(
  'style script textarea title xmp iframe noembed noframes'.split(' '),
);

/** The names of these elements by the byte of their first letter, in either case. */
const byLetter: readonly (readonly string[] | undefined)[] = /* @__PURE__ */ namesByLetter();

function namesByLetter(): (readonly string[] | undefined)[] {
  const result = new Array<string[] | undefined>(256).fill(undefined);
  for (const name of [...rawTextElements, 'noscript', 'plaintext', 'svg', 'math']) {
    const lower = name.charCodeAt(0);
    const names = result[lower] ?? [];
    names.push(name);
    result[lower] = names;
    result[lower & ~0x20] = names;
  }
  return result;
}

/** Whether a start tag with this name, in either case, switches the tokenizer's state or begins foreign content. */
export function switchesTokenizer(bytes: Buffer, nameStart: number, nameEnd: number): boolean {
  const names = byLetter[bytes[nameStart]!];
  if (names === undefined) return false;
  for (const name of names) if (isName(bytes, nameStart, nameEnd, name)) return true;
  return false;
}
