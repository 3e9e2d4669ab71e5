/** Seeded random numbers, so that a picture is the same at every start. */

export interface Random {
  /** From 0 to 1, without 1. */
  (): number;
  between(low: number, high: number): number;
  /** A whole number; both ends are included. */
  whole(low: number, high: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** Mulberry32: 32 bits of state are plenty for a few thousand leaves and windows. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number): number => low + random() * (high - low);
  return Object.assign(random, {
    between,
    whole: (low: number, high: number) => Math.floor(between(low, high + 1)),
    pick: <T>(choices: readonly [T, ...T[]]): T =>
      choices[Math.floor(random() * choices.length)] ?? choices[0],
  });
}

/** Smooth noise along a line: values from 0 to 1 whose bumps are about 1 apart, with finer ones on top. */
export function createNoise(random: Random, octaves = 4): (x: number) => number {
  const lattice = Array.from({ length: 256 }, random);
  const at = (x: number): number => {
    const cell = Math.floor(x);
    const part = x - cell;
    const eased = part * part * (3 - 2 * part);
    const left = lattice[cell & 255] ?? 0;
    const right = lattice[(cell + 1) & 255] ?? 0;
    return left + (right - left) * eased;
  };
  return (x) => {
    let sum = 0;
    let weight = 0;
    for (let octave = 0; octave < octaves; octave++) {
      const scale = 2 ** octave;
      sum += at(x * scale + octave * 37) / scale;
      weight += 1 / scale;
    }
    return sum / weight;
  };
}
