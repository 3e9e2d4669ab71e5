/**
 * Text that is drawn into an SVG. It may be an image id or a variant out of a URL that anybody has written: it becomes text of
 * XML, and never markup.
 */
import { escapeInvisible } from '../url/redaction.ts';

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * For the content of an element and for a quoted attribute. Characters that are invisible, turn the direction of the text
 * (UAX 9), or may not stand in XML (XML 1.0, "Char") are shown as escapes such as `\u{202e}`.
 */
export function drawnText(text: string): string {
  return escapeInvisible(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => references[character]!);
}

/**
 * Leaves the beginning and the end, where ids differ, of a text that is too long.
 * @param maxLength - in code points
 */
export function cutInTheMiddle(text: string, maxLength: number): string {
  const characters = Array.from(text.slice(0, 2 * maxLength));
  if (text.length <= 2 * maxLength && characters.length <= maxLength) return text;
  const tail = Math.floor(maxLength / 2);
  const head = maxLength - tail - 1;
  return `${characters.slice(0, head).join('')}…${Array.from(text.slice(-2 * tail))
    .slice(-tail)
    .join('')}`;
}
