/**
 * CPU time of `import 'image-signer'` beside that of an empty module, and of the first page after it. Each is taken in
 * fresh processes, in turn.
 */
import { once } from 'node:events';
import { median } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';
import { compile, start } from './process.ts';
import { print, rounds } from './rounds.ts';

const program = compile('start-process.ts');
const modules = ['data:text/javascript,', new URL('../../dist/index.js', import.meta.url).href];
const samples: [number, number][][] = [[], []];
for (let round = 0; round < rounds; round++)
  for (const [index, module] of modules.entries()) {
    const { child, message } = await start<[number, number]>(program, [module]);
    samples[index]!.push(message);
    await once(child, 'exit');
  }
const [empty, ours] = samples.map((those) =>
  [0, 1].map((field) => median(those.map((each) => each[field]!))),
);
const [imports, firstPage] = [ours![0]! - empty![0]!, ours![1]!];
print('ms of CPU time', [
  ['', 'import, above that of an empty module', 'first page of 100 KB with 60 images'],
  ['image-signer', imports.toFixed(1), firstPage.toFixed(1)],
]);
giveFigure(['start', 'import'], imports, 0, 'ms');
giveFigure(['start', 'first page'], firstPage, 0, 'ms');
