/** Elements that make of what follows them something else than markup of HTML, told by their names. */

/** Elements of HTML whose text is no markup; `noscript` apart. */
export const rawTextElements: ReadonlySet<string> = new Set(
  'style script textarea title xmp iframe noembed noframes'.split(' '),
);

/** Whether a name with this first letter and length may be that of an element with raw text, `svg` or `math`. */
export function mayChangeState(letter: number, length: number): boolean {
  switch (letter) {
    case 0x73: // script, style, svg
      return length === 6 || length === 5 || length === 3;
    case 0x74: // textarea, title
      return length === 8 || length === 5;
    case 0x6e: // noscript, noembed, noframes
      return length === 8 || length === 7;
    case 0x69: // iframe
      return length === 6;
    case 0x6d: // math
      return length === 4;
    case 0x70: // plaintext
      return length === 9;
    case 0x78: // xmp
      return length === 3;
    default:
      return false;
  }
}
