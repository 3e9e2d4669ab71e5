/** Plays many cases of neighbours, and gives the smallest one that shows a fault. */
import type { NeighbourArena } from './neighbour-arena.ts';
import { type NeighbourCase, randomNeighbourCase, smallerCases } from './neighbour-case.ts';

const atOnce = 16;

export interface Held {
  /** How many were left out, since the neighbours do not get along without us. */
  readonly skipped: number;
  /** The first fault, and what shows it. */
  readonly fault: string | undefined;
}

export async function holdNeighbours(arena: NeighbourArena, from: number, count: number): Promise<Held> {
  let next = 0;
  let skipped = 0;
  let found: { readonly given: NeighbourCase; readonly seed: number } | undefined;
  const run = async (): Promise<void> => {
    while (next < count && found === undefined) {
      const seed = from + next++;
      const given = randomNeighbourCase(seed);
      const fault = await faultIn(arena, given);
      if (fault === 'skipped') skipped++;
      else if (fault !== undefined) found ??= { given, seed };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  if (found === undefined) return { skipped, fault: undefined };
  const small = await smallest(arena, found.given);
  return { skipped, fault: `SEED=${found.seed}: ${await faultIn(arena, small)}\n${JSON.stringify(small)}` };
}

async function smallest(arena: NeighbourArena, given: NeighbourCase): Promise<NeighbourCase> {
  for (const each of smallerCases(given)) {
    const fault = await faultIn(arena, each);
    if (fault !== undefined && fault !== 'skipped') return smallest(arena, each);
  }
  return given;
}

function faultIn(arena: NeighbourArena, given: NeighbourCase): Promise<string | undefined> {
  return arena.faultOf(given).catch(String);
}
