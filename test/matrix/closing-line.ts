/** What the last line of a test run says. It knows nothing of how the run was made. */

export interface Outcome {
  readonly version: string;
  /** As it was printed. */
  readonly line: string;
  readonly passed: number;
  readonly failed: number;
}

/** @returns undefined for a run that has not come to its end */
export function closingLineOf(output: string): Omit<Outcome, 'version'> | undefined {
  const [line, passed, failed] =
    /^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$/.exec(lastLineOf(output)) ?? [];
  return line === undefined ? undefined : { line, passed: Number(passed), failed: Number(failed) };
}

function lastLineOf(output: string): string {
  return output.trimEnd().split('\n').at(-1)!; // a split gives one part at least
}
