/**
 * Which elements hold text that is not markup, and where such text ends: comments, raw text, RCDATA, and script data with its escaped states (WHATWG
 * HTML, 13.2.5.9 to 13.2.5.31, and 13.2.5.43 to 13.2.5.51). It does not know what the text means.
 */
import {
  EXCLAMATION,
  GREATER_THAN,
  HYPHEN,
  isWhitespace,
  LESS_THAN,
  SLASH,
  toLowerCase,
} from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';
import { isName } from './attributes.ts';

/** HTML elements with raw text, RCDATA (`textarea`, `title`) or script data. `noscript` is treated separately. */
export const rawTextElements: ReadonlySet<string> = new Set(
  'style script textarea title xmp iframe noembed noframes'.split(' '),
);

/** Elements whose start tag changes how the next bytes are tokenized, by the byte of their first letter in either case. */
const byLetter: readonly (readonly string[] | undefined)[] = namesByLetter();

function namesByLetter(): (readonly string[] | undefined)[] {
  const result = new Array<string[] | undefined>(256).fill(undefined);
  for (const name of [...rawTextElements, 'noscript', 'plaintext', 'svg', 'math']) {
    const lower = name.charCodeAt(0);
    const names = result[lower] ?? [];
    names.push(name);
    result[lower] = names;
    result[lower & ~0x20] = names;
  }
  return result;
}

/** Whether a start tag with this name, in either case, switches the tokenizer's state or begins foreign content. */
export function switchesTokenizer(bytes: Buffer, nameStart: number, nameEnd: number): boolean {
  const names = byLetter[bytes[nameStart]!];
  if (names === undefined) return false;
  for (const name of names) if (isName(bytes, nameStart, nameEnd, name)) return true;
  return false;
}

export interface TextEndFinder {
  /** Everything before this index is text of the element. */
  readonly at: number;
  /** @returns the index of the `<` of the end tag; -1 if that has not arrived yet */
  scan(bytes: Buffer, to: number): number;
  rebase(by: number): void;
}

export class RawTextEndFinder implements TextEndFinder {
  readonly #endTag: string;
  at: number;

  constructor(name: string, at: number) {
    this.#endTag = `/${name}`;
    this.at = at;
  }

  rebase(by: number): void {
    this.at -= by;
  }

  scan(bytes: Buffer, to: number): number {
    for (;;) {
      this.at = indexOfByte(bytes, LESS_THAN, this.at, to);
      if (this.at === to) return -1;
      const isEnd = startsTag(bytes, this.at + 1, to, this.#endTag);
      if (isEnd === undefined) return -1;
      if (isEnd) return this.at;
      this.at++;
    }
  }
}

const scriptData = 0;
const scriptDataEscaped = 1;
const scriptDataDoubleEscaped = 2;

/** After `<!--`, and until `-->`, a `<script` makes the next `</script` part of the text. */
export class ScriptDataEndFinder implements TextEndFinder {
  #state: number = scriptData;
  /** In the escaped states, the number of hyphens right before `at`. */
  #hyphens = 0;
  at: number;

  constructor(at: number) {
    this.at = at;
  }

  rebase(by: number): void {
    this.at -= by;
  }

  scan(bytes: Buffer, to: number): number {
    for (;;) {
      if (this.#state === scriptData) this.#scanScriptData(bytes, to);
      else this.#scanEscaped(bytes, to);
      if (this.at >= to) return -1;
      const step = this.#lessThan(bytes, to);
      if (step === undefined) return -1;
      if (step === 0) return this.at;
      this.at += step;
      if (this.#state !== scriptData && step === 1) this.#hyphens = 0;
    }
  }

  /** Moves to the next `<` that may begin `<!--` or an end tag; most `<` in scripts compare numbers. */
  #scanScriptData(bytes: Buffer, to: number): void {
    for (let at = this.at; ; at++) {
      at = indexOfByte(bytes, LESS_THAN, at, to);
      const next = at + 1 < to ? bytes[at + 1] : SLASH;
      if (next !== SLASH && next !== EXCLAMATION) continue;
      this.at = at;
      return;
    }
  }

  /** Moves to the next `<`; a `-->` before it leaves the escaped states. */
  #scanEscaped(bytes: Buffer, to: number): void {
    let at = this.at;
    let hyphens = this.#hyphens;
    for (; at < to; at++) {
      const byte = bytes[at];
      if (byte === LESS_THAN) break;
      if (byte === GREATER_THAN && hyphens >= 2) {
        this.#state = scriptData;
        this.at = at;
        this.#scanScriptData(bytes, to);
        return;
      }
      hyphens = byte === HYPHEN ? hyphens + 1 : 0;
    }
    this.at = at;
    this.#hyphens = hyphens;
  }

  /** @returns how many bytes to move on from the `<`; 0 at the end tag; undefined if too few bytes have arrived */
  #lessThan(bytes: Buffer, to: number): number | undefined {
    if (this.#state === scriptData) {
      const isComment = startsWith(bytes, this.at + 1, to, '!--');
      if (isComment === undefined) return undefined;
      if (isComment) {
        this.#state = scriptDataEscaped;
        this.#hyphens = 2; // those of `<!--` count: `<!-->` leaves the escaped states at once (13.2.5.22)
        return 4;
      }
    }
    const isEnd = startsTag(bytes, this.at + 1, to, '/script');
    if (isEnd === undefined) return undefined;
    if (isEnd) {
      if (this.#state !== scriptDataDoubleEscaped) return 0;
      this.#state = scriptDataEscaped;
      return 1;
    }
    if (this.#state === scriptDataEscaped) {
      const isScript = startsTag(bytes, this.at + 1, to, 'script');
      if (isScript === undefined) return undefined;
      if (isScript) this.#state = scriptDataDoubleEscaped;
    }
    return 1;
  }
}

/** Whether a tag with exactly this name continues at `at`; undefined if too few bytes have arrived. */
function startsTag(bytes: Buffer, at: number, to: number, name: string): boolean | undefined {
  const isName = startsWith(bytes, at, to, name);
  if (isName !== true) return isName;
  const end = at + name.length;
  if (end >= to) return undefined;
  return isWhitespace(bytes[end]!) || bytes[end] === SLASH || bytes[end] === GREATER_THAN;
}

/** Whether this text, given in lower case, is at `at` in either case; undefined if the bytes end within it. */
export function startsWith(bytes: Buffer, at: number, to: number, text: string): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (at + i >= to) return undefined;
    if (toLowerCase(bytes[at + i]!) !== text.charCodeAt(i)) return false;
  }
  return true;
}

// The comment states of the tokenizer. The less-than sign states are left out: they do not affect where a comment ends.

/** Right after `<!--`, where `>` and `->` end the comment as well. */
export const commentStartState = 0;
const commentStartDashState = 1;
/** Here only a hyphen changes the state. */
export const commentState = 2;
const commentEndDashState = 3;
const commentEndState = 4;
const commentEndBangState = 5;

/** Whether a `>` ends the comment in this state. */
export function endsComment(state: number): boolean {
  return state !== commentState && state !== commentEndDashState;
}

export function nextCommentState(state: number, byte: number): number {
  if (byte === HYPHEN) {
    if (state === commentStartState) return commentStartDashState;
    return state === commentState || state === commentEndBangState ? commentEndDashState : commentEndState;
  }
  return byte === EXCLAMATION && state === commentEndState ? commentEndBangState : commentState;
}
