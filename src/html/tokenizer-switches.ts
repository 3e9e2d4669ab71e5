/** Elements that make of what follows them something else than markup of HTML, told by their names. */
import { isAlpha } from '../ascii.ts';
import { isName } from './attributes.ts';

/** Elements of HTML whose text is no markup; `noscript` apart. */
export const rawTextElements: ReadonlySet<string> = new Set(
  'style script textarea title xmp iframe noembed noframes'.split(' '),
);

/** By first letter: the names after which a page is read in another way. */
const byLetter: readonly (readonly string[] | undefined)[] = Array.from({ length: 256 }, (_, letter) => {
  const names = [...rawTextElements, 'noscript', 'plaintext', 'svg', 'math'];
  const those = names.filter((name) => name.charCodeAt(0) === (letter | 0x20));
  return isAlpha(letter) && those.length > 0 ? those : undefined;
});

/** Whether a start tag of this name, of either case, opens an element with raw text, an `svg` or a `math`. */
export function switchesTokenizer(bytes: Buffer, nameStart: number, nameEnd: number): boolean {
  const names = byLetter[bytes[nameStart]!];
  if (names === undefined) return false;
  for (const name of names) if (isName(bytes, nameStart, nameEnd, name)) return true;
  return false;
}
