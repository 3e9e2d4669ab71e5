/**
 * Finds where a delivery URL may stand at all: the bases' longest runs of letters and digits (`imagedelivery`), which
 * no escape is likely to stand within, without regard to case. What holds none is not looked at.
 */
import { isAlphanumeric, toLowerCase } from '../ascii.ts';

/** A base's longest run of letters and digits in lower case; of several the first; `''` for a base without any. */
export function landmarkOf(authority: string | undefined, path: string): string {
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

interface Landmark {
  readonly bytes: Uint8Array;
  /** How far the search may move on from a byte: up to where that byte stands in the landmark; 0 for its last one. */
  readonly jumps: Uint8Array;
  /** The same from the landmark's last byte, where it turned out to be none. */
  readonly jumpFromLast: number;
}

export class Landmarks {
  readonly #landmarks: readonly Landmark[];
  /** A base has no landmark: everything has to be looked at. */
  readonly #isEverywhere: boolean;
  readonly longest: number;

  /** @param texts - in lower case; `''` stands everywhere */
  constructor(texts: readonly string[]) {
    this.#isEverywhere = texts.includes('');
    this.#landmarks = [...new Set(texts)].filter((text) => text !== '').map(toLandmark);
    this.longest = Math.max(0, ...texts.map((text) => text.length));
  }

  /** Where the first of them begins that lies wholly within `from` and `to`; `to` if none does. */
  next(bytes: Uint8Array, from: number, to: number): number {
    if (this.#isEverywhere) return from;
    let nearest = to;
    for (const landmark of this.#landmarks) {
      const found = find(landmark, bytes, from, to);
      if (found < nearest) nearest = found;
    }
    return nearest;
  }
}

function toLandmark(text: string): Landmark {
  const bytes = Buffer.from(text, 'latin1');
  const last = bytes.length - 1;
  const jumps = new Uint8Array(256).fill(Math.min(bytes.length, 255));
  const set = (at: number, jump: number): void => {
    jumps[bytes[at]!] = jump;
    jumps[text[at]!.toUpperCase().charCodeAt(0)] = jump;
  };
  for (let at = Math.max(0, last - 254); at < last; at++) set(at, last - at);
  const jumpFromLast = jumps[bytes[last]!]!;
  set(last, 0);
  return { bytes, jumps, jumpFromLast };
}

/** Horspool's search: it looks at the last byte, and jumps as far as that byte allows. As fast as a native search. */
function find(landmark: Landmark, bytes: Uint8Array, from: number, to: number): number {
  const { bytes: expected, jumps, jumpFromLast } = landmark;
  const last = expected.length - 1;
  const far = to - 2 * expected.length;
  for (let at = from + last; ; ) {
    // Two steps a round; a jump of 0 stays where the last byte was met.
    while (at < far) {
      at += jumps[bytes[at]!]!;
      const jump = jumps[bytes[at]!]!;
      if (jump === 0) break;
      at += jump;
    }
    if (at >= to) return to;
    const jump = jumps[bytes[at]!]!;
    if (jump > 0) {
      at += jump;
      continue;
    }
    let i = 1;
    while (i <= last && toLowerCase(bytes[at - i]!) === expected[last - i]) i++;
    if (i > last) return at - last;
    at += jumpFromLast;
  }
}
