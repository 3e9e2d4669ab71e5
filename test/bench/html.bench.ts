/**
 * `npm run bench:html`: the HTML engine beside its peers, each in a process of its own, in turn, round by round. Ratios
 * of one run; nothing is asserted. `ROUNDS` sets how many, `CHART=<file>` draws the chart of the README.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { barChart } from './chart.ts';
import { engines } from './engines.ts';
import type { Round } from './html-process.ts';
import { readPages, workloads } from './pages.ts';
import { table } from './rounds.ts';

const rounds = Math.max(9, Number(process.env['ROUNDS'] ?? 9));
/** So long, in milliseconds, an engine runs each kind before it counts: by then the compiler has done its work. */
const warmUp = 700;
const program = fileURLToPath(new URL('html-process.ts', import.meta.url));

const kinds: readonly (Round & { readonly title: string })[] = [
  ...workloads.map((workload) => ({ workload, chunk: 16_384, title: `${workload} 16K` })),
  ...workloads.map((workload) => ({ workload, chunk: 0, title: `${workload} whole` })),
  { workload: 'real', chunk: 4_096, title: 'real 4K' },
];

async function start(name: string): Promise<ChildProcess> {
  const child = fork(program, [name]);
  await once(child, 'message');
  return child;
}

async function ask(child: ChildProcess, { workload, chunk }: Round): Promise<number | undefined> {
  child.send({ workload, chunk });
  const [answer] = (await once(child, 'message')) as [{ nanoseconds?: number; error?: string }];
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.nanoseconds;
}

const children = new Map<string, ChildProcess>();
for (const name of Object.keys(engines)) children.set(name, await start(name));

for (const child of children.values()) {
  for (const kind of kinds) {
    const start = performance.now();
    while ((await ask(child, kind)) !== undefined && performance.now() - start < warmUp);
  }
}

const samples = new Map(kinds.map(({ title }) => [title, new Map<string, number[]>()]));
for (let round = 0; round < rounds; round++) {
  for (const kind of kinds) {
    for (const [name, child] of children) {
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
    ...Object.keys(engines).map((name) => [
      name,
      ...kinds.map(({ title }) => speed(title, name)?.toFixed(0) ?? ''),
    ]),
  ]),
);

const own = 'image-signer';
const wasm = ['html-rewriter-wasm', 'htmlrewriter'];
const limit = 'bound: find the host, copy';
const ratio = (title: string, peers: readonly string[], bases = title): string => {
  const fastest = Math.max(...peers.map((name) => speed(bases, name) ?? 0));
  return (speed(title, own)! / fastest).toFixed(2);
};
console.log(`\n${own} with a warm memo, as a multiple of\n`);
console.log(
  table([
    ['', ...kinds.slice(0, 6).map(({ title }) => title)],
    ['the fastest WASM peer', ...kinds.slice(0, 6).map(({ title }) => ratio(title, wasm))],
    ['  goal', '3', '4', '3', '4', '', '4'],
    [
      'parse5-html-rewriting-stream',
      ...kinds.slice(0, 6).map(({ title }) => ratio(title, ['parse5-html-rewriting-stream'])),
    ],
    ['  goal', '25', '25', '25', '25', '25', '25'],
    [
      'the bound',
      ...kinds.slice(0, 6).map(({ title }) => ratio(title, [limit], title.replace('16K', 'whole'))),
    ],
    ['  goal', '0.25', '0.25', '0.25', '0.25', '0.25', '0.25'],
  ]),
);
console.log(
  `\n4 KiB chunks beside 16 KiB chunks: ${(speed('real 4K', own)! / speed('real 16K', own)!).toFixed(2)} (goal: 0.7)`,
);

const chart = process.env['CHART'];
if (chart !== undefined && chart !== '') {
  const shown = ['real 16K', 'dense 16K', 'none 16K'];
  const bars = barChart({
    title: 'HTML rewritten in chunks of 16 KiB',
    unit: `MB/s (Node.js ${process.version}, ${new Date().toISOString().slice(0, 10)})`,
    series: [`${isReal ? 'real' : 'generated'} pages`, 'dense with images', 'without an image'],
    rows: Object.keys(engines)
      .filter((name) => speed(shown[0]!, name) !== undefined)
      .map((name) => [name, shown.map((title) => speed(title, name))]),
  });
  writeFileSync(chart, bars);
}
