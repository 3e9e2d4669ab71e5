/** No input of an attacker costs more than a few times what ordinary input of its size costs: steps are counted. */
import { describe, expect, test } from 'vitest';
import type { Options } from '../support/samples.ts';
import { stepsOf } from '../support/steps.ts';

const { inChunksOf } = await import('../support/chunks.ts');
const { hostileLongUrls, hostilePages } = await import('../support/hostile-pages.ts');
const { signerWith, url } = await import('../support/samples.ts');
const { takeScratch } = await import('../../src/simd/scratch.ts');

// What runs in WebAssembly is not counted. Without its memory everything runs in JavaScript, by the same steps.
takeScratch(Buffer.alloc(0), 0, Buffer.alloc(1));

const size = 64 * 1024;
const most = 4;
const fields = { content: 'html', body: 'markdown', nested: 'json' } as const;

/** A shop: pictures that differ, each in three widths, with a version as a parameter. */
function ordinaryPage(): Buffer {
  const cards: string[] = [];
  for (let index = 0, length = 0; length < size; index++) {
    const of = (variant: string): string => `${url(variant, `product-${index}`)}?v=${index}`;
    const card = `<li class="card"><a href="/products/${index}"><img src="${of('thumb')}" srcset="${of('thumb')} 320w, ${of('card')} 640w" alt="Product ${index}"></a></li>\n`;
    cards.push(card);
    length += card.length;
  }
  return Buffer.from(cards.join(''));
}

function rewriting(page: Buffer, chunkSize: number, options: Options): () => void {
  const chunks = inChunksOf(Math.min(chunkSize, page.length), page);
  const rewriter = signerWith(options).htmlRewriter({ customProperties: ['--hero'], fields });
  return () => {
    for (const chunk of chunks) rewriter.write(chunk);
    rewriter.end();
  };
}

const [ordinary] = stepsOf([rewriting(ordinaryPage(), size, {})]);

describe.each<[title: string, chunkSize: number, options: Options]>([
  ['in one write', size, {}],
  ['in chunks of 4 KiB', 4_096, {}],
  ['with tokens taken off', size, { authorize: () => false }],
  ['with another variant put in', size, { authorize: () => false, deniedVariant: 'preview' }],
  ['with every event heard', size, { report: () => {}, accountHash: 'another' }],
])('%s', (_title, chunkSize, options) => {
  test.each(Object.entries({ ...hostilePages, ...hostileLongUrls }))('%s', (_name, pageOf) => {
    const [hostile] = stepsOf([rewriting(pageOf(size), chunkSize, options)]);
    if (process.env['SHOW']) console.log('RATIO', (hostile! / ordinary!).toFixed(2), _title, '|', _name);
    expect(hostile! / ordinary!).toBeLessThanOrEqual(most);
  });
});
