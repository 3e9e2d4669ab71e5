/** Numbers for generators that take a source of them. */
import fc from 'fast-check';

const number = fc.noBias(fc.nat(2 ** 31 - 1));

/** Sources of numbers from 0 up to 1: fast-check draws each of them, and shrinks it towards 0, which is the first of a list. */
export const randoms: fc.Arbitrary<() => number> = fc.gen().map((draw) => () => draw(() => number) / 2 ** 31);

/** The same for the same start (mulberry32): for a page of thousands of pieces, which fast-check would take too long to draw. */
export function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Any of a list. */
export function pick<Item>(random: () => number, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

export function pickFrom(random: () => number): <Item>(items: readonly Item[]) => Item {
  return (items) => pick(random, items);
}

/** For a case of thousands of draws, which would be shrunk for hours: its seed and path play it again. */
export const endOnFailure = true;
