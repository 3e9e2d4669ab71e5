/** The pages that the HTML benchmark reads: real ones where `CORPUS` names a folder, else generated; without an image; dense. */
import { readCorpus } from '../support/corpus.ts';
import { randomFrom } from '../support/random.ts';

/** The numbers are of the images that a shop's pages show in turn, each in three sizes: the working set of the caches. */
export const workloads = ['real', 'none', 'dense 2000', 'dense 10000', 'dense 50000'] as const;
export type Workload = (typeof workloads)[number];

export const variants: readonly string[] = ['thumb', 'card', 'hero', 'public'];

export interface Pages {
  readonly isReal: boolean;
  readonly sets: Readonly<Record<Workload, readonly Buffer[]>>;
}

export async function readPages(): Promise<Pages> {
  const corpus = (await readCorpus()).map(({ html }) => html);
  const pages = corpus.length > 0 ? corpus : Array.from({ length: 20 }, (_, index) => article(index + 1));
  return {
    isReal: corpus.length > 0,
    sets: {
      real: pages,
      none: pages.map(withoutImages),
      'dense 2000': shop(2_000),
      'dense 10000': shop(10_000),
      'dense 50000': shop(50_000),
    },
  };
}

function imageUrl(random: () => number, variant: string): string {
  const digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join('');
  const id = [8, 4, 4, 4, 12].map(digits).join('-');
  return `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${id}/${variant}`;
}

const imagesPerPage = 250;

/** Pages that show so many images, each once. */
function shop(images: number): Buffer[] {
  const random = randomFrom(images);
  return Array.from({ length: images / imagesPerPage }, (_, page) => productGrid(random, page));
}

/** A shop's list: an image every couple of lines, most in three sizes. */
function productGrid(random: () => number, page: number): Buffer {
  let html = '<!doctype html><html><head><title>Shop</title></head><body><ul class="grid">\n';
  for (let i = 0; i < imagesPerPage; i++) {
    const url = imageUrl(random, '');
    html +=
      `<li class="card"><a href="/products/${page}/${i}"><img class="card-image" loading="lazy" src="${url}thumb" ` +
      `srcset="${url}thumb 320w, ${url}card 640w, ${url}hero 1280w" sizes="(min-width: 60rem) 25vw, 50vw" ` +
      `width="640" height="480" alt="Product ${i}"></a><h3>Product ${i}</h3><p class="price">${Math.floor(random() * 9_000) / 100} €</p></li>\n`;
  }
  return Buffer.from(`${html}</ul></body></html>\n`);
}

const words =
  'the of a light harbour morning and boats that came in with nets full over water where every window was still dark'.split(
    ' ',
  );

/** Prose with links, menus, scripts and styles; an image about every six kilobytes. */
function article(seed: number): Buffer {
  const random = randomFrom(seed);
  const prose = (count: number): string =>
    Array.from({ length: count }, () => words[Math.floor(random() * words.length)]).join(' ');
  let html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${prose(5)}</title>
<style>${'.menu a { color: #234; margin: 0 4px } '.repeat(60)}</style>
<script>${'window.state = window.state || []; for (var i = 0; i < state.length; i++) { run(state[i]) }\n'.repeat(80)}</script></head><body>`;
  for (let section = 0; section < 30; section++) {
    html += `<!-- section ${section} --><nav class="menu"><ul>${Array.from({ length: 12 }, (_, item) => `<li class="item"><a href="/s/${section}/${item}" title="${prose(2)}">${prose(2)}</a></li>`).join('\n')}</ul></nav>`;
    for (let paragraph = 0; paragraph < 8; paragraph++) {
      html += `<p>${prose(40)} <a href="https://example.org/${section}">${prose(3)}</a> ${prose(20)} <em>${prose(2)}</em>.</p>\n`;
    }
    html += `<figure><img src="${imageUrl(random, 'card')}" alt="${prose(4)}" class="wide"><figcaption>${prose(6)}</figcaption></figure>`;
  }
  return Buffer.from(`${html}</body></html>\n`);
}

/** The same page, with another host of the same length. */
function withoutImages(page: Buffer): Buffer {
  return Buffer.from(page.toString('latin1').replace(/imagedelivery/gi, 'pictureserver'), 'latin1');
}
