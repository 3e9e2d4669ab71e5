/**
 * `npm run bench:html`: the HTML engine beside its peers, each in a process of its own, in turn, round by round. Ratios
 * of one run; nothing is asserted. `ROUNDS` sets how many, `WARM_UP` how many milliseconds an engine runs before it counts,
 * `ONLY=real,none` what is measured, `ENGINES=image-signer,htmlrewriter` of which engines, `CHART=<file>` draws the chart of
 * docs/performance.md.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { barChart } from './chart.ts';
import { compile } from './compiled.ts';
import { engines } from './engines.ts';
import { giveFigure } from './give-figure.ts';
import type { Round } from './html-process.ts';
import { readPages, workloads } from './pages.ts';
import { table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 9);
/**
 * So long, in milliseconds, an engine runs each kind before it counts. V8's compiler takes seconds for an engine in
 * JavaScript, and a server runs for days.
 */
const warmUp = Number(process.env['WARM_UP'] ?? 3_000);
const program = compile('html-process.ts');

const only = process.env['ONLY']?.split(',') ?? [];
const allKinds: readonly (Round & { readonly title: string })[] = [
  ...(['real', 'none', 'dense 2000'] as const).map((workload) => ({
    workload,
    chunk: 16_384,
    title: `${workload} 16K`,
  })),
  ...workloads.map((workload) => ({ workload, chunk: 0, title: `${workload} whole` })),
  { workload: 'real', chunk: 4_096, title: 'real 4K' },
];

const kinds = allKinds.filter(
  ({ title }) => only.length === 0 || only.some((each) => title.startsWith(each)),
);

async function start(name: string): Promise<ChildProcess> {
  const child = fork(program, [name], { execArgv: [] });
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, { workload, chunk }: Round): Promise<number | undefined> {
  child.send({ workload, chunk });
  const [answer] = (await once(child, 'message')) as [{ nanoseconds?: number; error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.nanoseconds;
}

/** The largest working set takes half a minute a round for all: it is there for what it does to our caches. */
function isMeasured(name: string, { workload }: Round): boolean {
  return workload !== 'dense 50000' || name.startsWith('image-signer');
}

const names = process.env['ENGINES']?.split(',') ?? Object.keys(engines);
const children = new Map<string, ChildProcess>();
for (const name of names) children.set(name, await start(name));

for (const [name, child] of children) {
  for (const kind of kinds) {
    if (!isMeasured(name, kind)) continue;
    const start = performance.now();
    while ((await ask(child, kind)) !== undefined && performance.now() - start < warmUp);
  }
}

const samples = new Map(kinds.map(({ title }) => [title, new Map<string, number[]>()]));
for (let round = 0; round < rounds; round++) {
  for (const kind of kinds) {
    for (const [name, child] of children) {
      if (!isMeasured(name, kind)) continue;
      const nanoseconds = await ask(child, kind);
      if (nanoseconds === undefined) continue;
      const those = samples.get(kind.title)!;
      those.set(name, [...(those.get(name) ?? []), nanoseconds]);
    }
  }
}
for (const child of children.values()) child.disconnect();

/** MB/s, the median of the rounds. */
function speed(title: string, name: string): number | undefined {
  const those = samples
    .get(title)
    ?.get(name)
    ?.toSorted((a, b) => a - b);
  return those === undefined ? undefined : 1_000 / those[those.length >> 1]!;
}
const { isReal } = await readPages();
console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${isReal ? 'real' : 'generated'} pages, medians of ${rounds} rounds, MB/s of input\n`,
);
console.log(
  table([
    ['', ...kinds.map(({ title }) => title)],
    ...names.map((name) => [name, ...kinds.map(({ title }) => speed(title, name)?.toFixed(0) ?? '')]),
  ]),
);

for (const name of names) {
  for (const { title } of kinds) {
    const megabytes = speed(title, name);
    if (megabytes !== undefined) giveFigure(['html', title, name], megabytes, 0, 'MB/s');
  }
}

const own = 'image-signer';
const limit = 'bound: find the host, copy';
const ratio = (title: string, peers: readonly string[], bases = title, name = own): string => {
  const fastest = Math.max(...peers.map((peer) => speed(bases, peer) ?? 0));
  const reached = speed(title, name);
  return fastest === 0 || reached === undefined ? '' : (reached / fastest).toFixed(2);
};
const titles = kinds.map(({ title }) => title).filter((title) => title !== 'real 4K');
const goals: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'html-rewriter-wasm, htmlrewriter': {
    'real 16K': '4.2',
    'none 16K': '6',
    'dense 2000 16K': '10',
    'real whole': '6.5',
    'none whole': '25',
    'dense 2000 whole': '10',
    'dense 10000 whole': '7',
  },
  'lol-html': { 'real 16K': '2.5' },
  'parse5-html-rewriting-stream': { 'real 16K': '25', 'real whole': '25' },
};
console.log(`\n${own} with a warm cache, as a multiple of the faster of\n`);
console.log(
  table([
    ['', ...titles],
    ...Object.entries(goals).flatMap(([peers, goal]) => [
      [peers, ...titles.map((title) => ratio(title, peers.split(', ')))],
      ['  goal', ...titles.map((title) => goal[title] ?? '')],
    ]),
    ['of the bound', ...titles.map((title) => ratio(title, [limit], title.replace('16K', 'whole')))],
    ['  goal', ...titles.map((title) => (title === 'real whole' ? '0.3' : ''))],
  ]),
);
const empty = `${own}, cache empty`;
const wasm = ['html-rewriter-wasm', 'htmlrewriter'];
console.log(`
cache empty, beside the faster of ${wasm.join(' and ')}, dense 2000: ${ratio('dense 2000 whole', wasm, 'dense 2000 whole', empty)} (goal: 2)
50,000 images in use, beside an empty cache: ${ratio('dense 50000 whole', [empty])} (goal: 1)
4 KiB chunks beside 16 KiB chunks: ${ratio('real 4K', [own], 'real 16K')} (goal: 0.7)`);

for (const title of titles) {
  for (const peer of ['html-rewriter-wasm', 'lol-html']) {
    const [ours, theirs] = [speed(title, own), speed(title, peer)];
    if (ours !== undefined && theirs !== undefined)
      giveFigure(['html', title, 'times', peer], ours / theirs, 1, 'times');
  }
}

const chart = process.env['CHART'];
if (chart !== undefined && chart !== '') {
  const shown = ['real 16K', 'dense 2000 16K', 'none 16K'];
  const bars = barChart({
    title: 'HTML rewritten in chunks of 16 KiB',
    unit: `MB/s (Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)})`,
    series: [`${isReal ? 'real' : 'generated'} pages`, 'dense with images', 'without an image'],
    rows: names
      .filter((name) => speed(shown[0]!, name) !== undefined)
      .map((name) => [name, shown.map((title) => speed(title, name))]),
  });
  writeFileSync(chart, bars);
}
