/**
 * `npm run bench:start`: CPU time of `import 'image-signer'` beside that of an empty module, and of the first page after
 * it, without and with `&amp;` in its URLs. Each is taken in fresh processes, in turn; `ROUNDS` sets how many.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { median } from '../support/statistics.ts';
import { compile } from './compiled.ts';
import { giveFigure } from './give-figure.ts';
import type { Start } from './start-process.ts';

const rounds = Number(process.env['ROUNDS'] ?? 21);
const goals = { import: 22, firstPage: 14 } as const;
const program = compile('start-process.ts');
const modules = {
  empty: 'data:text/javascript,',
  ours: new URL('../../dist/index.js', import.meta.url).href,
} as const;

async function startWith(module: string, query: string = ''): Promise<Start> {
  const child = fork(program, [module, query], { execArgv: [] });
  const [start] = (await once(child, 'message')) as [Start];
  await once(child, 'exit');
  return start;
}

const samples: Record<keyof typeof modules | 'references', Start[]> = { empty: [], ours: [], references: [] };
for (let round = 0; round < rounds; round++) {
  samples.empty.push(await startWith(modules.empty));
  samples.ours.push(await startWith(modules.ours));
  samples.references.push(await startWith(modules.ours, '?width=320&amp;height=240'));
}
const importOf = (those: readonly Start[]): number => median(those.map((each) => each.import));
const firstPageOf = (those: readonly Start[]): number =>
  median(those.flatMap((each) => each.firstPage ?? []));
const firstPage = firstPageOf(samples.ours);
const withReferences = firstPageOf(samples.references);
console.log(`Node.js ${process.version}, medians of ${rounds} processes, ms of CPU time`);
console.log(
  `import: ${importOf(samples.ours).toFixed(1)}, an empty module ${importOf(samples.empty).toFixed(1)} (goal: ${goals.import} more at most)`,
);
console.log(
  `first page of 100 KB with 60 images: ${firstPage.toFixed(1)}, with &amp; in their URLs ${withReferences.toFixed(1)} (goal: ${goals.firstPage} at most)`,
);

giveFigure(['start', 'import'], importOf(samples.ours) - importOf(samples.empty), 0, 'ms');
giveFigure(['start', 'first page'], firstPage, 0, 'ms');
giveFigure(['start', 'first page with references'], withReferences, 0, 'ms');
