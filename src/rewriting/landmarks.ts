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

/** The last place of each byte in a landmark, as far as the search may jump; any byte may be asked for. */
interface Landmark {
  readonly bytes: Uint8Array;
  readonly jumps: Uint8Array;
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
  for (let i = Math.max(0, last - 254); i < last; i++) {
    jumps[bytes[i]!] = last - i;
    jumps[text[i]!.toUpperCase().charCodeAt(0)] = last - i;
  }
  return { bytes, jumps };
}

/** Horspool's search: it looks at the last byte, and jumps as far as that byte allows. */
function find({ bytes: expected, jumps }: Landmark, bytes: Uint8Array, from: number, to: number): number {
  const last = expected.length - 1;
  const lastByte = expected[last]!;
  for (let at = from + last; at < to; at += jumps[bytes[at]!]!) {
    if (toLowerCase(bytes[at]!) !== lastByte) continue;
    let i = 1;
    while (i <= last && toLowerCase(bytes[at - i]!) === expected[last - i]) i++;
    if (i > last) return at - last;
  }
  return to;
}
