/** Runs benchmarks, and writes their figures into `docs/figures.json` and into the pages that show them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPages, readPage } from '../support/package/documents.ts';
import { root } from '../support/root.ts';
import { type Bench, benches, commandOf } from './figure-benches.ts';
import { type FiguresFile, fillInFigures, type Run, valuesOf } from './figure-marks.ts';
import type { Figure } from './give-figure.ts';
import { machine } from './rounds.ts';

const file = join(root, 'docs/figures.json');
const today = new Date().toISOString().slice(0, 10);
const short = { ROUNDS: '1', STREAMS: '100' };

/** Runs a benchmark with these variables. @returns whether it has succeeded */
type RunBench = (name: string, env: Readonly<Record<string, string>>) => boolean;

function measure(bench: Bench, isShort: boolean, run: RunBench): Run {
  const { name } = bench;
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-figures-'));
  const lines = join(folder, 'figures.jsonl');
  try {
    if (!run(name, { ...(isShort && short), FIGURES: lines })) throw new Error(`${name} failed`);
    const figures = readFileSync(lines, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Figure)
      .map(({ id, value, unit }) => [id, { value, unit }] as const);
    return { name, command: commandOf(bench), date: today, figures: Object.fromEntries(figures) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** After each benchmark, so that one that fails does not cost the figures of the others. */
function keep(run: Run): void {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as FiguresFile).runs : [];
  const runs = benches.flatMap(({ name }) =>
    name === run.name ? [run] : before.filter((each) => each.name === name),
  );
  const from = { date: today, node: process.versions.node, cpus: machine };
  writeFileSync(file, `${JSON.stringify({ machine: from, runs } satisfies FiguresFile, null, 2)}\n`);
}

function writePages(): void {
  const values = valuesOf(JSON.parse(readFileSync(file, 'utf8')) as FiguresFile);
  for (const page of ['README.md', ...listPages()]) {
    const text = readPage(page);
    const filled = fillInFigures(text, values);
    if (filled !== text) writeFileSync(join(root, page), filled);
  }
}

/**
 * @param names - of the benchmarks, all if there is none; the figures of the others stay
 * @param isShort - tries each in one round, and writes nothing
 */
export function writeFigures(names: readonly string[], isShort: boolean, run: RunBench): void {
  for (const bench of benches) {
    const { name, needs } = bench;
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n== ${commandOf(bench)}`);
    if (!isShort && needs !== undefined && process.env[needs] === undefined) {
      console.error(`not measured, since ${needs} is not set; its figures stay`);
      process.exitCode = 1;
      continue;
    }
    try {
      const measured = measure(bench, isShort, run);
      if (!isShort) keep(measured);
      console.log(`\n${Object.keys(measured.figures).length} figures`);
    } catch (error) {
      console.error(String(error));
      process.exitCode = 1;
    }
  }
  if (!isShort) writePages();
}
