/** The seed of all that is random in a run. `vitest.config.ts` chooses it, or takes it from `SEED` to run the same again. */
import fc from 'fast-check';
import { isLong, isShort, isThird } from './run-length.ts';

export { isShort };

export const seed: number = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
if (process.env['SEED'] === undefined) console.log(`seed ${seed}: run again with SEED=${seed}`);
fc.configureGlobal({ seed });

/** For `shareOf` of servers. With `seed` itself one of them would never meet some of what is shared by that. */
export const turnOfServers: number = Math.floor(seed / 1000);

/** In the quick run a fixed seed and a fresh one share the cases. */
const seeds = Number(process.env['SEEDS'] ?? 1);

/**
 * Of what is not random in `test/properties`: where two seeds run it, one of them takes the even half, the other the odd one.
 */
export function ofThisSeed<Item>(all: readonly Item[]): readonly Item[] {
  const turn = Number(process.env['SEED_TURN'] ?? 0);
  return all.filter((_, index) => index % seeds === turn % seeds);
}

/**
 * Property tests that take minutes run in full on one Node.js: `PROPERTIES=short` leaves a tenth of the cases for the
 * others, and for `npm test`, and `PROPERTIES=third` a third for CI. `PROPERTIES=long` takes four times as many, for a
 * search at leisure: `PROPERTIES=long npm test -- test/properties`.
 * @param least - the smallest number in which everything occurs that the test wants to have seen
 */
export function atLength(count: number, least = 1): number {
  if (isShort) return Math.max(least, Math.ceil(count / (10 * seeds)));
  if (isThird) return Math.max(least, Math.ceil(count / 3));
  return isLong ? 4 * count : count;
}
