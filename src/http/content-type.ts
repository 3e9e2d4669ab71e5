/** The charset parameter of a `Content-Type`, parsed as browsers do (MIME Sniffing standard, 4.4). */
import { isAsciiCompatible } from '../charset.ts';

/** One parameter: its name and its quoted or plain value. It matches at every `;`, without backtracking. */
const parameter = /;[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\.)*)[^;]*|([^;]*)))?/gsy;

/** The lookbehind keeps this linear: an upstream server may send 16 KiB of white space. */
const trailingSpace = /(?<![\t\n\r ])[\t\n\r ]+$/;

/** The first valid `charset` parameter. */
export function charsetOf(type: string): string | undefined {
  const start = type.indexOf(';');
  if (start < 0) return undefined;
  parameter.lastIndex = start;
  for (let match = parameter.exec(type); match !== null; match = parameter.exec(type)) {
    const [, name = '', quoted, plain = ''] = match;
    if (name.toLowerCase() !== 'charset') continue;
    const value = quoted?.replaceAll(/\\(.)/gs, '$1') ?? plain.replace(trailingSpace, '');
    const isValid = quoted !== undefined || value !== '';
    if (isValid && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  }
  return undefined;
}

/** Whether the type determines the encoding, so that browsers ignore a `meta charset`; only a byte order mark overrides it. */
export function settlesCharset(type: string): boolean {
  if (type === 'text/html; charset=utf-8') return true; // as frameworks write it
  const charset = charsetOf(type);
  return charset !== undefined && isAsciiCompatible(charset);
}
