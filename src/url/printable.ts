/** URLs as events carry them: without a token, and without anything that could forge a line of a log. */
import { isControl } from '../ascii.ts';
import { isTokenParameter } from './token.ts';

const maxLength = 1024;

/**
 * The text without `exp` and `sig`, however spelled; what looks like a MAC wherever it stands, controls, marks of
 * direction and line separators are not shown.
 */
export function printableUrl(text: string): string {
  const [head = '', ...rest] = text.slice(0, maxLength).split('?');
  const query = rest
    .join('?')
    .split('&')
    .filter((parameter) => !isTokenParameter(parameter))
    .join('&');
  let out = '';
  for (const character of query === '' ? head : `${head}?${query}`) {
    const code = character.codePointAt(0)!;
    out += isControl(code) || isInvisible(code) ? `\\u{${code.toString(16)}}` : character;
  }
  const shown = out.replace(/[0-9a-f]{40,}/gi, '…');
  return text.length > maxLength ? `${shown}…` : shown;
}

/** Line and paragraph separators, marks of direction, halves of surrogate pairs. */
function isInvisible(code: number): boolean {
  return (
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xfeff
  );
}
