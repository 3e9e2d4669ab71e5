/**
 * Where does the text of an element end that holds no markup? For raw text and RCDATA, and for scripts with their
 * escaped states (WHATWG HTML, 13.2.5.9 to 13.2.5.31). What the text means is nobody's business here.
 */
import { EXCLAMATION, GREATER_THAN, HYPHEN, isWhitespace, LESS_THAN, SLASH, toLowerCase } from '../ascii.ts';
import { indexOfByte } from '../bytes.ts';

export interface TextEndFinder {
  /** Up to here the text is certain to be text. */
  readonly at: number;
  /** @returns where the `<` of the end tag stands; -1 if it is not there yet */
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

const plain = 0;
const escaped = 1;
const doubleEscaped = 2;

/** `<!--` hides the end tag of a script that stands behind another `<script`, up to `-->`. */
export class ScriptDataEndFinder implements TextEndFinder {
  #state: number = plain;
  /** Hyphens right before `at`, while escaped; two are as good as more. */
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
      if (this.#state === plain) this.#scanPlain(bytes, to);
      else this.#scanEscaped(bytes, to);
      if (this.at >= to) return -1;
      const step = this.#lessThan(bytes, to);
      if (step === undefined) return -1;
      if (step === 0) return this.at;
      this.at += step;
      if (this.#state !== plain && step === 1) this.#hyphens = 0;
    }
  }

  /** Moves on to the next `<` that may begin a comment or an end tag; most compare numbers. */
  #scanPlain(bytes: Buffer, to: number): void {
    for (let at = this.at; ; at++) {
      at = indexOfByte(bytes, LESS_THAN, at, to);
      const next = at + 1 < to ? bytes[at + 1] : SLASH;
      if (next !== SLASH && next !== EXCLAMATION) continue;
      this.at = at;
      return;
    }
  }

  /** Moves on to the next `<`; leaves the escaped states at `-->`. */
  #scanEscaped(bytes: Buffer, to: number): void {
    let at = this.at;
    let hyphens = this.#hyphens;
    for (; at < to; at++) {
      const byte = bytes[at];
      if (byte === LESS_THAN) break;
      if (byte === GREATER_THAN && hyphens >= 2) {
        this.#state = plain;
        this.at = at;
        this.#scanPlain(bytes, to);
        return;
      }
      hyphens = byte === HYPHEN ? hyphens + 1 : 0;
    }
    this.at = at;
    this.#hyphens = hyphens;
  }

  /** At a `<`: how many bytes to move on; 0 at the end tag; undefined where more has to be seen. */
  #lessThan(bytes: Buffer, to: number): number | undefined {
    if (this.#state === plain) {
      const isComment = startsWith(bytes, this.at + 1, to, '!--');
      if (isComment === undefined) return undefined;
      if (isComment) {
        this.#state = escaped;
        this.#hyphens = 2; // `<!-->` ends it at once
        return 4;
      }
    }
    const isEnd = startsTag(bytes, this.at + 1, to, '/script');
    if (isEnd === undefined) return undefined;
    if (isEnd) {
      if (this.#state !== doubleEscaped) return 0;
      this.#state = escaped;
      return 1;
    }
    if (this.#state === escaped) {
      const isScript = startsTag(bytes, this.at + 1, to, 'script');
      if (isScript === undefined) return undefined;
      if (isScript) this.#state = doubleEscaped;
    }
    return 1;
  }
}

/** Whether this name stands at `at`, and ends there; undefined where more has to be seen. */
function startsTag(bytes: Buffer, at: number, to: number, name: string): boolean | undefined {
  const isName = startsWith(bytes, at, to, name);
  if (isName !== true) return isName;
  const end = at + name.length;
  if (end >= to) return undefined;
  return isWhitespace(bytes[end]!) || bytes[end] === SLASH || bytes[end] === GREATER_THAN;
}

/** Whether this text stands at `at`, without regard to case; undefined where the bytes end within it. */
export function startsWith(bytes: Buffer, at: number, to: number, text: string): boolean | undefined {
  for (let i = 0; i < text.length; i++) {
    if (at + i >= to) return undefined;
    if (toLowerCase(bytes[at + i]!) !== text.charCodeAt(i)) return false;
  }
  return true;
}
