/** The seed of all that is random in a run. `vitest.config.ts` chooses it, or takes it from `SEED` to run the same again. */
import fc from 'fast-check';
import { isShort } from './run-length.ts';

export { isShort };

export const seed: number = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
if (process.env['SEED'] === undefined) console.log(`seed ${seed}: run again with SEED=${seed}`);
fc.configureGlobal({ seed });

/**
 * Property tests that take minutes run in full on one Node.js: `PROPERTIES=short` leaves a tenth of the cases for the
 * others, and for `npm test`. `PROPERTIES=long` takes four times as many, for a search at leisure: `PROPERTIES=long npm test -- test/properties`.
 */
export function atLength(count: number): number {
  return isShort ? Math.ceil(count / 10) : process.env['PROPERTIES'] === 'long' ? 4 * count : count;
}
