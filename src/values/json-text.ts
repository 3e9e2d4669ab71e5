/**
 * Whether a text is JSON (RFC 8259): the verdict of `JSON.parse`, without its exception, which takes as long as many
 * values where stack traces are deep. Expressions read from bracket to bracket, and a list of open brackets replaces
 * recursion.
 */
import { LEFT_BRACE, LEFT_BRACKET, RIGHT_BRACE, RIGHT_BRACKET } from '../text/ascii.ts';

export function isJsonText(text: string): boolean {
  /** What closes the open brackets, the innermost last. */
  const closings: number[] = [];
  for (let at = endOf(start, text, 0); at >= 0; ) {
    const code = text.charCodeAt(at);
    if (code === LEFT_BRACKET || code === LEFT_BRACE) closings.push(code + 2);
    else if (code === closings.at(-1)) closings.pop();
    else if (code === RIGHT_BRACKET || code === RIGHT_BRACE) return false;
    if (closings.length === 0) return endOf(rest, text, at) >= 0;
    at = endOf(closings.at(-1) === RIGHT_BRACE ? members : items, text, at);
  }
  return false;
}

/** @returns -1 if the pattern does not match at this offset */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

// A part cannot contain the character that ends it, so every character is tried in a few ways at most.
const space = '[ \t\r\n]*';
const plain = '[ !#-[\\]-\uffff]*';
const string = `"${plain}(?:\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4})${plain})*"${space}`;
const number = `-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?${space}`;
const scalar = `(?:${string}|${number}|(?:true|false|null)${space})`;

const start: RegExp = new RegExp(`${space}(?:${scalar}$|(?=[[{]))`, 'y');
const rest: RegExp = new RegExp(`[\\]}]?${space}$`, 'y');
const endOfItem: string = behindValue('\\]', '[^\\]]');
const items: RegExp = contentOf('\\[', scalar + endOfItem, endOfItem, '[[{\\]]');
const endOfMember: string = behindValue('}', '"');
const member = `${string}:${space}(?:${scalar}${endOfMember}|(?=[[{]))`;
const members: RegExp = contentOf('{', member, endOfMember, '}');

/** @param next - must follow a comma */
function behindValue(close: string, next: string): string {
  return `(?:,${space}(?=${next})|(?=${close}))`;
}

/**
 * The content of an array or object up to the next bracket: after its own, or after a value that ended in one. V8 remembers every
 * repetition until the last one, so repetitions are bounded.
 * @param last - the bracket, if no item comes before it
 */
function contentOf(open: string, item: string, end: string, last: string): RegExp {
  const before = `(?:${open}${space}|[\\]}]${space}${end}|(?![[{\\]}]))`;
  return new RegExp(`${before}(?:(?:${item}){1,16}|(?=${last}))`, 'y');
}
