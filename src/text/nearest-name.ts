/** Finds the known name for a mistyped one. It knows no options and writes no messages. */

/** Names of options and commands are shorter: a longer text isn't a typing error, and would take time. */
const maxNameLength = 32;

/**
 * Finds the known name that a mistyped name was meant to be.
 * @returns the known name with the fewest changes, at most a third of its letters; undefined if none is near
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxNameLength) return undefined;
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const changes = changesBetween(name.toLowerCase(), candidate.toLowerCase());
    if (changes < fewest && changes <= Math.max(1, Math.floor(candidate.length / 3))) {
      nearest = candidate;
      fewest = changes;
    }
  }
  return nearest;
}

/** How many letters must be inserted, removed, replaced or swapped with the next one (optimal string alignment). */
function changesBetween(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let changes = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwapped) changes = Math.min(changes, beforeLast[j - 2]! + 1);
      row.push(changes);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length]!;
}
