/** Things measured side by side: in turn, round by round, so that a slow moment of the machine meets all of them. */

export interface Contender {
  readonly name: string;
  /** Before each round, and not measured. */
  prepare?(): void;
  /** One round; what it returns is kept, so that nothing of it can be left out. */
  run(): unknown | Promise<unknown>;
  /** Calls, or bytes, in one round. */
  readonly units: number;
}

/** In nanoseconds, of all threads of this process: other work on the same cores does not count. */
export function processorTime(): bigint {
  const { user, system } = process.cpuUsage();
  return BigInt(user + system) * 1_000n;
}

/**
 * @param warmUps - rounds before those that count
 * @returns nanoseconds per unit, the median of the rounds
 */
export async function measure(
  contenders: readonly Contender[],
  rounds = 15,
  clock: () => bigint = process.hrtime.bigint,
  warmUps = 3,
): Promise<ReadonlyMap<string, number>> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  let kept: unknown;
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, prepare, run, units } of contenders) {
      prepare?.();
      const start = clock();
      kept = await run();
      const nanoseconds = Number(clock() - start) / units;
      if (round >= 0) samples.get(name)!.push(nanoseconds); // the first ones warm up
    }
  }
  if (kept === samples) throw new Error('never');
  return new Map([...samples].map(([name, each]) => [name, each.sort((a, b) => a - b)[rounds >> 1]!]));
}

export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n');
}
