/** Ways to paste a key into an option by mistake, and what a log would show of it. */
import { inspect } from 'node:util';

export const waysToPaste: readonly (readonly [
  how: string,
  value: (text: string, option: string) => unknown,
])[] = [
  ['', (text) => text],
  [' in a list', (text) => [text]],
  [' behind another', (text) => ['a', text]],
  [' as a name', (text) => ({ [text]: 1 })],
  [' as the name of an object', (text) => ({ [text]: {} })],
  [' in an object', (text, option) => ({ [option]: text })],
  [' within an object', (text) => ({ thumb: { [text]: text } })],
  [' with a slash', (text) => `${text}/`],
  [' behind a slash', (text) => `/${text}?`],
  [' behind two', (text) => `//${text}`],
  [' in a URL', (text) => `https://shop.example/${text}`],
  [' in the path of a URL', (text) => `https://shop.example/images/${text}/x?`],
  [' in the query of a URL', (text) => `https://shop.example/?key=${text}`],
  [' as a password', (text) => `https://me:${text}@shop.example`],
  [' as a user', (text) => `https://${text}@shop.example`],
  [' as a port', (text) => `https://shop.example:${text}`],
  [' behind white space', (text) => ` ${text}`],
  [' with its line end', (text) => `${text}\n`],
  [' in quotes', (text) => `"${text}"`],
  [' with a name', (text) => `key=${text}`],
  [' as a class', instanceOf],
];

/** An object of a class of this name. */
function instanceOf(name: string): object {
  const prototype = { constructor: { name } };
  return Object.create(prototype) as object;
}

export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** All that a log could make of a value. */
function logged(value: unknown): string {
  const error = value as { message?: unknown; option?: unknown; stack?: unknown } | undefined;
  return [
    inspect(value, { depth: 9, showHidden: value instanceof Error }),
    JSON.stringify(value),
    String(value),
    error?.message,
    error?.option,
    error?.stack,
  ].join('\n');
}

/** Eight characters of the key that show in a value, with the place; undefined if none do. */
export function partThatShows(key: string, value: unknown): string | undefined {
  const shown = logged(value);
  for (let at = 0; at + 8 <= key.length; at++) {
    const part = key.slice(at, at + 8);
    if (shown.includes(part)) return `${JSON.stringify(part)} of ${JSON.stringify(key)} shows in ${shown}`;
  }
  return undefined;
}
