/**
 * Finds the places where a delivery URL is possible, by searching for one literal of every base: its longest run of letters and digits
 * (`imagedelivery`), in any case. Authors hardly ever escape these. Markup without a literal is not read.
 */
import type { Prefilter } from '../html/scanner.ts';
import { layOutLiterals, nextLiteralInScratch, type SimdLiterals, skipInScratch } from '../simd/scratch.ts';
import { isAlphanumeric, LESS_THAN, toLowerCase } from '../text/ascii.ts';
import { indexOfByte } from '../text/bytes.ts';

/** The first of a base's longest runs of letters and digits, in lower case; `''` for a base without any. */
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

export class LiteralPrefilter implements Prefilter {
  readonly #texts: readonly Uint8Array[];
  /** Whether a base has no literal, so that everything must be read. */
  readonly #isEverywhere: boolean;
  /** The length of the search window: the shortest literal's. Longer literals are found by their first bytes. */
  readonly #window: number;
  /** By the last byte in the window, how far the search may move on; 0 if a literal may be in the window. */
  readonly #jumps: Uint8Array;
  /** By the last byte in the window, how far the search may move on once the comparison has found no literal there. */
  readonly #jumpsPast: Uint8Array;
  /** Undefined if there are too many literals, or too long ones, for the WebAssembly search. */
  readonly #simd: SimdLiterals | undefined;
  readonly longest: number;
  #pattern: RegExp | undefined;

  /** @param texts - the literals in lower case; `''` matches everywhere */
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
    const hasRoom = this.#texts.length <= maxSimdLiterals && this.longest <= maxSimdLength;
    const probed = this.#texts.map((text) => ({ text, probes: probesOf(text) }));
    this.#simd = hasRoom ? layOutLiterals(probed) : undefined;
  }

  /**
   * The index of the first literal that is completely within [from, to); `to` without one. It searches for all literals at once
   * (Boyer-Moore-Horspool): separate searches would scan a page full of one literal to its end for the other, every time.
   */
  next(bytes: Uint8Array, from: number, to: number): number {
    if (this.#isEverywhere) return from;
    if (this.#simd !== undefined && to - from > minSimdLength) {
      const found = nextLiteralInScratch(bytes, this.#simd, from, to);
      if (found !== undefined) return found;
    }
    const jumps = this.#jumps;
    const last = this.#window - 1;
    const far = to - 2 * this.#window;
    for (let at = from + last; ; ) {
      // Two jumps per iteration; after a first jump of 0, the second is 0 as well.
      while (at < far) {
        at += jumps[bytes[at]!]!;
        const jump = jumps[bytes[at]!]!;
        if (jump === 0) break;
        at += jump;
      }
      if (at >= to) return to;
      const jump = jumps[bytes[at]!]!;
      if (jump > 0) at += jump;
      else if (this.#matchesAt(bytes, at - last, to)) return at - last;
      else at += this.#jumpsPast[bytes[at]!]!;
    }
  }

  /**
   * Skips text. In WebAssembly it also skips comments, and elements whose tags and raw text contain no literal and do not change how
   * the rest is tokenized.
   */
  skip(bytes: Buffer, from: number, to: number, literal: number, openTags: Buffer): number {
    return skipInScratch(bytes, from, to, literal, openTags) ?? indexOfByte(bytes, LESS_THAN, from, to);
  }

  /** Whether a literal is in a text that is not encoded yet. */
  isIn(text: string): boolean {
    if (this.#isEverywhere) return true;
    // Safe with `i`: literals are letters and digits, and without the flag `u` no other characters match them.
    this.#pattern ??= new RegExp(this.#texts.map(asText).join('|'), 'i');
    return this.#pattern.test(text);
  }

  #matchesAt(bytes: Uint8Array, at: number, to: number): boolean {
    for (const text of this.#texts) {
      if (at + text.length > to) continue;
      let i = 0;
      while (i < text.length && toLowerCase(bytes[at + i]!) === text[i]) i++;
      if (i === text.length) return true;
    }
    return false;
  }
}

function asText(literal: Uint8Array): string {
  return String.fromCharCode(...literal);
}

/** Searching a shorter range takes less time than a call into WebAssembly. */
const minSimdLength = 64;
const maxSimdLength = 255;
const maxSimdLiterals = 8;

/** Letters and digits by how often they are in pages, the rarest first. */
const byRarity = 'qzjxvkywbgf0987654321phmudlcnsrioate';

/** The indices of the two rarest letters: both together are hardly ever found outside the literal. */
function probesOf(text: Uint8Array): readonly [number, number] {
  const rank = (at: number): number => byRarity.indexOf(String.fromCharCode(text[at]!));
  const [first = 0, second = first] = [...text.keys()].sort((a, b) => rank(a) - rank(b));
  return [first, second];
}

/** Applies to a letter in both cases. */
function shorten(jumps: Uint8Array, byte: number, jump: number): void {
  const upper = String.fromCharCode(byte).toUpperCase().charCodeAt(0);
  for (const each of [byte, upper]) jumps[each] = Math.min(jumps[each]!, jump);
}
