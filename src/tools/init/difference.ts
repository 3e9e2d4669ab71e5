/** The lines in which two texts differ, for somebody who decides whether a file may be changed. */

/** A file that was written by hand has fewer. */
const maxLines = 2_000;

export interface ChangedLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** @returns every line of both, in order: those of the old text that go before those that take their place */
export function differenceOf(before: string, after: string): readonly ChangedLine[] {
  const [old, next] = [linesOf(before), linesOf(after)];
  const common = commonLengths(old, next);
  const lines: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      lines.push({ sign: ' ', text: old[i++]! });
      j++;
    } else if (i < old.length && (j === next.length || common(i + 1, j) >= common(i, j + 1))) {
      lines.push({ sign: '-', text: old[i++]! });
    } else {
      lines.push({ sign: '+', text: next[j++]! });
    }
  }
  return lines;
}

/** How long the longest common subsequence of what follows is; 0 for texts that are too long to compare. */
function commonLengths(old: readonly string[], next: readonly string[]): (i: number, j: number) => number {
  if (old.length > maxLines || next.length > maxLines) return () => 0;
  const width = next.length + 1;
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        old[i] === next[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!);
    }
  }
  return (i, j) => lengths[i * width + j]!;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
