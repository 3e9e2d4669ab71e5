/** The process of one engine: it is told a workload and a way of cutting, and answers how long one round took. */

import { readCorpus } from '../support/corpus.ts';
import { inChunksOf } from '../support/generators/chunks.ts';
import { randomFrom } from '../support/generators/random.ts';
import { type Product, products } from '../support/servers/shop.ts';
import { type Engine, engines } from './engines.ts';

/** The numbers are of the images that a shop's pages show in turn, each in three sizes: the working set of the caches. */
export type Workload = 'real' | 'none' | 'dense 2000' | 'dense 10000' | 'dense 50000';

export interface Round {
  readonly workload: Workload;
  /** Bytes a chunk; 0 for whole pages. */
  readonly chunk: number;
}

/** These know no chunks. */
const wholeAlone = ['regular expression (wrong)', 'bound: find the host, copy'];

async function pagesOf(workload: Workload): Promise<Buffer[]> {
  const images = Number(workload.split(' ')[1]);
  if (images > 0)
    return Array.from({ length: images / 250 }, (_, page) =>
      Buffer.from(
        products(images + page, 250, 20)
          .map(listItem)
          .join('\n'),
      ),
    );
  const corpus = (await readCorpus()).map(({ html }) => html);
  const pages = corpus.length > 0 ? corpus : Array.from({ length: 20 }, (_, index) => article(index + 1));
  // The same page, with another host of the same length.
  const without = (page: Buffer): string =>
    page.toString('latin1').replace(/imagedelivery/gi, 'pictureserver');
  return workload === 'real' ? pages : pages.map((page) => Buffer.from(without(page), 'latin1'));
}

/** Of a shop's list: an image every couple of lines, in three sizes. */
function listItem({ title, image, price }: Product): string {
  return (
    `<li class="card"><a href="/products/${price}"><img class="card-image" loading="lazy" src="${image}thumb" ` +
    `srcset="${image}thumb 320w, ${image}card 640w, ${image}hero 1280w" sizes="(min-width: 60rem) 25vw, 50vw" ` +
    `width="640" height="480" alt="${title}"></a><h3>${title}</h3><p class="price">${price} €</p></li>`
  );
}

/** Prose with links, scripts and styles; an image about every six kilobytes. */
function article(seed: number): Buffer {
  const random = randomFrom(seed);
  const styles = '.menu a { color: #234; margin: 0 4px } '.repeat(60);
  const script =
    'window.state = window.state || []; for (var i = 0; i < state.length; i++) { run(state[i]) }\n';
  const sections = products(seed, 30, 400).map(({ title, text, image }, index) => {
    const links = `<li class="item"><a href="/s/${index}/${random()}">${title}</a></li>`.repeat(12);
    const prose = `<p>${text} <a href="https://example.org/${index}">${title}</a> <em>${title}</em>.</p>\n`;
    return `<!-- ${index} --><ul>${links}</ul>${prose.repeat(8)}<img src="${image}card" alt="${title}">`;
  });
  return Buffer.from(
    `<!doctype html><html lang="en"><style>${styles}</style><script>${script.repeat(80)}</script>${sections.join('\n')}`,
  );
}

const pages = new Map<Workload, Buffer[]>();
/** One for each workload, so that none finds the caches full of another's images. */
const byWorkload = new Map<Workload, Engine>();

/** @returns nanoseconds for each byte of input; nothing where the engine does not stream */
async function run(name: string, { workload, chunk }: Round): Promise<number | undefined> {
  if (chunk > 0 && wholeAlone.includes(name)) return undefined;
  const engine = byWorkload.get(workload) ?? (await engines[name]!());
  byWorkload.set(workload, engine);
  const all = pages.get(workload) ?? (await pagesOf(workload));
  pages.set(workload, all);
  const cut = all.map((page) => (chunk === 0 ? [page] : (inChunksOf(chunk, page) as Buffer[])));
  const bytes = all.reduce((sum, page) => sum + page.length, 0);
  let out = 0;
  const start = process.hrtime.bigint();
  for (const chunks of cut) out += await engine(chunks, chunk === 0);
  const elapsed = Number(process.hrtime.bigint() - start);
  if (out < bytes / 2) throw new Error(`${name} lost most of the page`);
  return elapsed / bytes;
}

process.on('message', async (round: Round) => process.send!([await run(process.argv[2]!, round)]));
process.send!('ready');
