/** The seed of all that is random in a run: printed, and taken from `SEED` to run the same again. */
import fc from 'fast-check';

export const seed: number = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}: run again with SEED=${seed}`);
fc.configureGlobal({ seed });

/** What is about bytes alone, and takes minutes, is read in full by one Node.js: `LAWS=short` leaves a tenth for the others. */
export function atLength(count: number): number {
  return process.env['LAWS'] === 'short' ? Math.ceil(count / 10) : count;
}
