/**
 * `npm run fuzz -- neighbours`: a hundred thousand cases of neighbours around the middleware. `SEED` runs the same ones
 * again, `CASES` sets how many. It ends with 1 at the first fault.
 */

import { NeighbourArena } from '../support/neighbour-arena.ts';
import { holdNeighbours } from '../support/neighbour-case.ts';
import { seed } from '../support/seed.ts';

const cases = Number(process.env['CASES'] ?? 100_000);
const atOnce = 5_000;

const arena = new NeighbourArena();
await arena.listen();
let skipped = 0;
for (let at = 0; at < cases; at += atOnce) {
  const count = Math.min(atOnce, cases - at);
  const held = await holdNeighbours(arena, seed + at, count);
  skipped += held.skipped;
  if (held.fault !== undefined) {
    console.error(held.fault);
    process.exitCode = 1;
    break;
  }
  console.log(`${at + count} cases, ${skipped} of them left out`);
}
arena.close();
