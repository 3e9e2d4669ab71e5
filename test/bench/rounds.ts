/** Things measured side by side: in turn, round by round, so that a slow moment of the machine meets all of them. */
import { cpus } from 'node:os';
import { median } from '../support/statistics.ts';

/** Of every benchmark. */
export const rounds: number = Number(process.env['ROUNDS'] ?? 11);
export const machine: string = `${cpus().length} x ${cpus()[0]?.model.trim()}`;

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
  clock: () => bigint = process.hrtime.bigint,
  warmUps = 3,
): Promise<(name: string) => number> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  let kept: unknown;
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, prepare, run, units } of contenders) {
      prepare?.();
      const start = clock();
      kept = await run();
      const nanoseconds = Number(clock() - start) / units;
      if (round >= 0) samples.get(name)!.push(nanoseconds);
    }
  }
  if (kept === samples) throw new Error('never');
  return (name) => median(samples.get(name)!);
}

/** The numbers up to a count, the other way round every other time. */
export function inTurn(count: number, round: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  return round % 2 === 0 ? order : order.reverse();
}

/** Prints what was measured, and on what. */
export function print(title: string, rows: readonly (readonly string[])[]): void {
  console.log(`\n${title} (Node.js ${process.version}, ${machine})\n\n${table(rows)}`);
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
