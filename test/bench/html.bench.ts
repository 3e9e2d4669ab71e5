/**
 * The HTML engine beside its peers, each in a process of its own, in turn, round by round: MB/s of one run, nothing is
 * asserted. `ONLY=real,none` selects what is measured, `ENGINES=image-signer,htmlrewriter` of which engines. The pages are
 * those of `CORPUS`, else generated.
 */
import type { ChildProcess } from 'node:child_process';
import { readCorpus } from '../support/corpus.ts';
import { median } from '../support/statistics.ts';
import { engines } from './engines.ts';
import { giveFigure } from './give-figure.ts';
import type { Round, Workload } from './html-process.ts';
import { ask, compile, start, stop } from './process.ts';
import { print, rounds } from './rounds.ts';

/**
 * So long, in milliseconds, an engine runs each kind before it counts. V8's compiler takes seconds for an engine in
 * JavaScript, and a server runs for days.
 */
const warmUp = rounds > 1 ? 3_000 : 0;
const program = compile('html-process.ts');

const isReal = (await readCorpus()).length > 0;
const workloads: readonly Workload[] = ['real', 'none', 'dense 2000', 'dense 10000', 'dense 50000'];
const only = process.env['ONLY']?.split(',') ?? [''];
const kinds: readonly (Round & { readonly title: string })[] = [
  ...(['real', 'none', 'dense 2000'] as const).map((workload) => ({
    workload,
    chunk: 16_384,
    title: `${workload} 16K`,
  })),
  ...workloads.map((workload) => ({ workload, chunk: 0, title: `${workload} whole` })),
].filter(({ title }) => only.some((each) => title.startsWith(each)));

const names = process.env['ENGINES']?.split(',') ?? Object.keys(engines);
const children = new Map<string, ChildProcess>();
for (const name of names) children.set(name, (await start(program, [name])).child);

/** @returns nanoseconds for each byte; the largest working set takes minutes for all, and is there for our caches */
async function run(name: string, kind: Round): Promise<number | undefined> {
  if (kind.workload === 'dense 50000' && !name.startsWith('image-signer')) return undefined;
  const [nanoseconds] = await ask<[number | undefined | null]>(children.get(name)!, kind);
  return nanoseconds ?? undefined;
}

const samples = new Map<string, number[]>();
for (let round = -1; round < rounds; round++)
  for (const kind of kinds)
    for (const name of names) {
      const begun = performance.now();
      let sample = await run(name, kind);
      if (sample === undefined) continue;
      while (round < 0 && performance.now() - begun < warmUp) sample = await run(name, kind);
      const id = `${kind.title} ${name}`;
      if (round >= 0) samples.set(id, [...(samples.get(id) ?? []), sample!]);
    }
for (const child of children.values()) await stop(child);

const speed = (title: string, name: string): number => 1_000 / median(samples.get(`${title} ${name}`) ?? []);
print(`MB/s of ${isReal ? 'real' : 'generated'} pages`, [
  ['', ...kinds.map(({ title }) => title)],
  ...names.map((name) => [
    name,
    ...kinds.map(({ title }) => speed(title, name).toFixed(0).replace('NaN', '')),
  ]),
]);
for (const { title } of kinds) {
  for (const name of names)
    if (samples.has(`${title} ${name}`)) giveFigure(['html', title, name], speed(title, name), 0, 'MB/s');
  for (const peer of ['html-rewriter-wasm', 'lol-html'])
    if (samples.has(`${title} ${peer}`))
      giveFigure(
        ['html', title, 'times', peer],
        speed(title, 'image-signer') / speed(title, peer),
        1,
        'times',
      );
}
