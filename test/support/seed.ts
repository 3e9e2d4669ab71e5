/**
 * How many cases random tests try, and the seed that draws them. `vitest.config.ts` chooses a seed for the whole run, and
 * prints it: `SEED` tries the same again, and `NUM_RUNS` more.
 */
import fc from 'fast-check';

/** fast-check's own: 100, if `NUM_RUNS` does not say otherwise. */
export const numRuns: number = Number(process.env['NUM_RUNS'] ?? 100);
export const seed: number = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
fc.configureGlobal({ numRuns, seed });

/** So many times `numRuns`: where a case is cheaper than a usual one, or dearer. */
export function runs(times: number): number {
  return Math.ceil(times * numRuns);
}

/** Of many alike a `part`th, and with more runs more of them, up to all. Which ones, the seed decides. */
export function shareOf<Item>(all: readonly Item[], part: number): readonly Item[] {
  const step = Math.max(1, (part * 100) / numRuns);
  return all.filter((_, index) => (index + seed) % step < 1);
}
