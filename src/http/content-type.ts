/** The charset that a `Content-Type` names, as browsers find it (WHATWG MIME Sniffing, 4.4). */
import { isAsciiCompatible } from '../charset.ts';

/** One parameter: its name, and its value in quotes or without them. It always matches at a `;`, and never steps back. */
const parameter = /;[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\.)*)[^;]*|([^;]*)))?/gsy;

/** White space at the end. It is looked for from its first character alone: a server upstream may send 16 KiB of it. */
const spaceAtEnd = /(?<![\t\n\r ])[\t\n\r ]+$/;

/** The first parameter of that name that is valid; undefined if there is none. */
export function charsetOf(type: string): string | undefined {
  const start = type.indexOf(';');
  if (start < 0) return undefined;
  parameter.lastIndex = start;
  for (let match = parameter.exec(type); match !== null; match = parameter.exec(type)) {
    const [, name = '', quoted, plain = ''] = match;
    if (name.toLowerCase() !== 'charset') continue;
    const value = quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain.replace(spaceAtEnd, '');
    const isValid = quoted !== undefined || value !== '';
    if (isValid && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  }
  return undefined;
}

/** Whether it settles how a page is read: no browser looks into the page then, but for a byte order mark. */
export function settlesCharset(type: string): boolean {
  if (type === 'text/html; charset=utf-8') return true; // as frameworks write it
  const charset = charsetOf(type);
  return charset !== undefined && isAsciiCompatible(charset);
}
