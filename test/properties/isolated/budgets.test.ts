/** No input of an attacker costs more steps than a few times what ordinary input costs, and none makes anything throw. */
import { describe, expect, test } from 'vitest';
import type { Options } from '../../support/samples.ts';
import { stepsOf } from '../../support/steps.ts';
import { thrownIn } from './thrown.ts';

const { inChunksOf } = await import('../../support/generators/chunks.ts');
const { markdown } = await import('../../../src/markdown.ts');
const { hostileLongUrls, hostilePages } = await import('../../support/generators/hostile-pages.ts');
const { ordinaryPage } = await import('./ordinary-page.ts');
const { shareOf } = await import('../../support/seed.ts');
const { signerWith } = await import('../../support/samples.ts');
const { takeScratch } = await import('../../../src/simd/scratch.ts');

// What runs in WebAssembly is not counted. Without its memory everything runs in JavaScript, by the same steps.
takeScratch(Buffer.alloc(0), 0, Buffer.alloc(1));

const size = 64 * 1024;
const most = 4;
const fields = { content: 'html', body: markdown, nested: 'json' } as const;

function rewriting(page: Buffer, chunkSize: number, options: Options): () => void {
  const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
  const rewriter = signerWith(options).htmlRewriter({ customProperties: ['--hero'], fields });
  return () => {
    for (const chunk of chunks) rewriter.write(chunk);
    rewriter.end();
  };
}

const [ordinary] = stepsOf([rewriting(ordinaryPage(size), size, {})]);

const ways: readonly [title: string, chunkSize: number, options: Options][] = [
  ['in one write', size, {}],
  ['in chunks of 4 KiB', 4_096, {}],
  ['with tokens taken off', size, { authorize: () => false }],
  ['with another variant put in', size, { authorize: () => false, deniedVariant: 'preview' }],
  ['with every event heard', size, { report: () => {}, accountHash: 'another' }],
];

describe.each(ways)('%s', (title, chunkSize, options) => {
  const all = Object.entries({ ...hostilePages, ...hostileLongUrls });
  test.each(shareOf(all, title === 'in one write' ? 8 : 32))('%s', (_name, pageOf) => {
    const run = rewriting(pageOf(size), chunkSize, options);
    let hostile: number | undefined;
    const thrown = thrownIn(() => {
      [hostile] = stepsOf([run]);
    });
    if (process.env['SHOW']) console.log('RATIO', (hostile! / ordinary!).toFixed(2), title, '|', _name);
    expect(hostile! / ordinary!).toBeLessThanOrEqual(most);
    expect(thrown).toBe(0);
  });
});
