/**
 * `npm run figures`: runs the benchmarks one after another, and writes their figures into `docs/figures.json` and into the
 * pages that show them. Arguments select benchmarks (`npm run figures -- http start`); the figures of the others stay.
 * With `--short` it tries each benchmark in one round, and writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { listPages, readPage } from '../support/documents.ts';
import { type Bench, benches } from './figure-benches.ts';
import { type FiguresFile, fillInFigures, type Machine, type Run, valuesOf } from './figure-marks.ts';
import type { Figure } from './give-figure.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'docs/figures.json');
const today = new Date().toISOString().slice(0, 10);
const machine: Machine = {
  date: today,
  node: process.versions.node,
  cpus: `${cpus().length} x ${cpus()[0]?.model.trim()}`,
};

function measure({ name, command, env, short, whole }: Bench, isShort: boolean): Run {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-figures-'));
  const lines = join(folder, 'figures.jsonl');
  try {
    const { status } = spawnSync('npx', ['tsx', `test/bench/${name}.bench.ts`], {
      cwd: root,
      env: { ...process.env, ...env, ...(isShort ? short : whole), FIGURES: lines },
      stdio: 'inherit',
    });
    if (status !== 0) throw new Error(`${command} failed`);
    const figures = readFileSync(lines, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Figure)
      .map(({ id, value, unit }) => [id, { value, unit }] as const);
    return { name, command, date: today, figures: Object.fromEntries(figures) };
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
  writeFileSync(file, `${JSON.stringify({ machine, runs } satisfies FiguresFile, null, 2)}\n`);
}

function writePages(): void {
  const values = valuesOf(JSON.parse(readFileSync(file, 'utf8')) as FiguresFile);
  for (const page of ['README.md', ...listPages()]) {
    const text = readPage(page);
    const filled = fillInFigures(text, values);
    if (filled !== text) writeFileSync(join(root, page), filled);
  }
}

const names = process.argv.slice(2).filter((argument) => argument !== '--short');
const isShort = names.length < process.argv.length - 2;
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(
    `no benchmark ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}`,
  );
  process.exit(1);
}

for (const bench of benches) {
  if (names.length > 0 && !names.includes(bench.name)) continue;
  if (!isShort && bench.needs !== undefined && process.env[bench.needs] === undefined) {
    console.error(`\n${bench.name}: not measured, since ${bench.needs} is not set; its figures stay`);
    process.exitCode = 1;
    continue;
  }
  console.log(`\n== ${bench.command}\n`);
  const start = performance.now();
  try {
    const run = measure(bench, isShort);
    if (!isShort) keep(run);
    const seconds = ((performance.now() - start) / 1_000).toFixed(0);
    console.log(`\n${Object.keys(run.figures).length} figures in ${seconds} s`);
  } catch (error) {
    console.error(String(error));
    process.exitCode = 1;
  }
}
if (!isShort) writePages();
