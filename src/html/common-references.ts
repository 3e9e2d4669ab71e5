/**
 * The character references that nearly all pages have, so that most never need the tables. Only spellings that stand
 * for the same in every context are listed: those with `;`, which no longer name begins with.
 */
import { EQUALS, isAlphanumeric, SEMICOLON } from '../text/ascii.ts';
import type { Reference } from './reference-reader.ts';

/** By the text between `&` and `;`: as WHATWG's table has them, and as template engines write them. */
const common: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(
  Object.entries({
    '&': ['amp', 'AMP', '#38', '#038', '#x26', '#X26'],
    '<': ['lt', 'LT', '#60', '#060', '#x3c', '#x3C', '#X3C'],
    '>': ['gt', 'GT', '#62', '#062', '#x3e', '#x3E', '#X3E'],
    '"': ['quot', 'QUOT', '#34', '#034', '#x22', '#X22'],
    "'": ['apos', '#39', '#039', '#x27', '#X27'],
    '/': ['#47', '#047', '#x2f', '#x2F', '#X2F'],
    '=': ['#61', '#061', '#x3d', '#x3D', '#X3D'],
  }).flatMap(([character, spellings]) => spellings.map((spelling) => [spelling, character] as const)),
);
const longest = 4;

/**
 * @param at - of the `&`
 * @returns undefined if only the tables know
 */
export function commonReference(source: string, at: number): Reference | undefined {
  for (let end = at + 3; end <= at + 1 + longest; end++) {
    if (source.charCodeAt(end) !== SEMICOLON) continue;
    const text = common.get(source.slice(at + 1, end));
    return text === undefined ? undefined : { length: end + 1 - at, text };
  }
  return undefined;
}

/**
 * Whether what follows the `&` is the parameter of a query, such as `&width=`. In an attribute that is no reference: a name
 * without `;` is none if a letter, a digit or `=` follows, and one of the three follows each beginning of this name.
 */
export function isParameter(source: string, at: number): boolean {
  let end = at + 1;
  while (isAlphanumeric(source.charCodeAt(end))) end++;
  return source.charCodeAt(end) === EQUALS;
}
