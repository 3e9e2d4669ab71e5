/** Spans of Markdown in which nothing else is read: code, and URLs between `<` and `>` (CommonMark 0.31, 6.1 and 6.5). */
import { DELETE, GREATER_THAN, isAlpha, isAlphanumeric, LESS_THAN, SPACE } from '../text/ascii.ts';

export const GRAVE = 0x60;

export class CodeSpanReader {
  readonly #text: string;
  /** Where the last run of backticks of each length begins; undefined before the first run. */
  #lastRuns: ReadonlyMap<number, number> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns the index behind the code span, or behind the backticks if nothing closes them */
  read(at: number): number {
    const text = this.#text;
    const length = runLength(text, at);
    // Without this, backticks of many lengths would each be searched for up to the end.
    this.#lastRuns ??= lastRuns(text, at);
    if ((this.#lastRuns.get(length) ?? at) <= at) return at + length;
    let close = text.indexOf('`', at + length);
    for (let found = runLength(text, close); found !== length; found = runLength(text, close))
      close = text.indexOf('`', close + found);
    return close + length;
  }
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === GRAVE) end++;
  return end - at;
}

/** Where the last run of backticks of each length begins. */
function lastRuns(text: string, from: number): ReadonlyMap<number, number> {
  const last = new Map<number, number>();
  for (let at = from; at >= 0; ) {
    const length = runLength(text, at);
    last.set(length, at);
    at = text.indexOf('`', at + length);
  }
  return last;
}

/** @returns the index behind the `>` of the URL whose `<` is at `at`; undefined if it is none */
export function autolinkEnd(text: string, at: number): number | undefined {
  let end = at + 1;
  if (!isAlpha(text.charCodeAt(end))) return undefined;
  while (isSchemeCharacter(text.charCodeAt(end)) && end - at <= 33) end++;
  const length = end - at - 1;
  if (length < 2 || length > 32 || text[end] !== ':') return undefined;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code === GREATER_THAN) return end + 1;
    if (code === LESS_THAN || (code !== 0 && code <= SPACE) || code === DELETE) return undefined;
  }
  return undefined;
}

function isSchemeCharacter(code: number): boolean {
  return isAlphanumeric(code) || code === 0x2b || code === 0x2d || code === 0x2e;
}
