/**
 * Finds where a delivery URL may stand at all: the bases' longest runs of letters and digits (`imagedelivery`), which
 * no escape is likely to stand within, without regard to case. What holds none is not looked at.
 */
import { isAlphanumeric, toLowerCase } from '../ascii.ts';

/** A base's longest run of letters and digits in lower case; of several the first; `''` for a base without any. */
export function literalOf(authority: string | undefined, path: string): string {
  let longest = '';
  let run = '';
  for (const character of `${authority ?? ''}${path}/`) {
    if (isAlphanumeric(character.charCodeAt(0))) {
      run += character;
      continue;
    }
    if (run.length > longest.length) longest = run;
    run = '';
  }
  return longest.toLowerCase();
}

export class LiteralPrefilter {
  readonly #texts: readonly Uint8Array[];
  /** A base has no landmark: everything has to be looked at. */
  readonly #isEverywhere: boolean;
  /** So many of its first bytes are what a landmark is found by: the length of the shortest. */
  readonly #window: number;
  /** How far the search may move on from the window's last byte; 0 where a landmark may stand. */
  readonly #jumps: Uint8Array;
  /** The same where none stood after all. */
  readonly #jumpsPast: Uint8Array;
  readonly longest: number;

  /** @param texts - in lower case; `''` stands everywhere */
  constructor(texts: readonly string[]) {
    const lengths = texts.map((text) => text.length);
    this.#isEverywhere = lengths.includes(0);
    this.longest = Math.max(0, ...lengths);
    this.#window = Math.min(255, ...lengths);
    this.#texts = [...new Set(texts)].map((text) => Buffer.from(text, 'latin1'));
    this.#jumpsPast = new Uint8Array(256).fill(this.#window);
    const last = this.#window - 1;
    for (const text of this.#texts) {
      for (let at = 0; at < last; at++) shorten(this.#jumpsPast, text[at]!, last - at);
    }
    this.#jumps = Uint8Array.from(this.#jumpsPast);
    for (const text of this.#texts) if (last >= 0) shorten(this.#jumps, text[last]!, 0);
  }

  /**
   * Where the first of them begins that lies wholly within `from` and `to`; `to` if none does. Horspool's search for all
   * of them at once: one by one, a page full of one would be searched for the other each time.
   */
  next(bytes: Uint8Array, from: number, to: number): number {
    if (this.#isEverywhere) return from;
    const jumps = this.#jumps;
    const last = this.#window - 1;
    const far = to - 2 * this.#window;
    for (let at = from + last; ; ) {
      // Two steps a round; a jump of 0 stays where it is.
      while (at < far) {
        at += jumps[bytes[at]!]!;
        const jump = jumps[bytes[at]!]!;
        if (jump === 0) break;
        at += jump;
      }
      if (at >= to) return to;
      const jump = jumps[bytes[at]!]!;
      if (jump > 0) at += jump;
      else if (this.#standsAt(bytes, at - last, to)) return at - last;
      else at += this.#jumpsPast[bytes[at]!]!;
    }
  }

  #standsAt(bytes: Uint8Array, at: number, to: number): boolean {
    for (const text of this.#texts) {
      if (at + text.length > to) continue;
      let i = 0;
      while (i < text.length && toLowerCase(bytes[at + i]!) === text[i]) i++;
      if (i === text.length) return true;
    }
    return false;
  }
}

/** A letter counts in both its cases. */
function shorten(jumps: Uint8Array, byte: number, jump: number): void {
  const upper = String.fromCharCode(byte).toUpperCase().charCodeAt(0);
  for (const each of [byte, upper]) jumps[each] = Math.min(jumps[each]!, jump);
}
