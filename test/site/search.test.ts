/** The search of the site: what a person types leads to the page that they mean. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
  createMarkdownRenderer,
  type MarkdownEnv,
  MiniSearch,
  renderForSearch,
  search,
  sectionsOf,
} from '../../docs/.vitepress/search.ts';
import { slugOf } from '../../docs/.vitepress/slug.ts';
import { listPages } from '../support/documents.ts';

const docs = join(import.meta.dirname, '../../docs');

interface Section {
  readonly id: string;
  readonly title: string;
  readonly titles: readonly string[];
  readonly text: string;
}

/** As VitePress makes it (`localSearchPlugin`) and asks it (`VPLocalSearchBox`). */
const index = new MiniSearch<Section>({
  fields: ['title', 'titles', 'text'],
  storeFields: ['title', 'titles'],
  ...search.miniSearch!.options,
  searchOptions: search.miniSearch!.searchOptions!,
});

beforeAll(async () => {
  const highlight = (code: string): string => code.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const markdown = await createMarkdownRenderer(docs, { highlight, anchor: { slugify: slugOf } });
  for (const page of listPages()) {
    const relativePath = page.slice('docs/'.length);
    const path = join(docs, relativePath);
    const env: MarkdownEnv = { path, relativePath, cleanUrls: false };
    for (const { anchor, titles, text } of sectionsOf(
      renderForSearch(readFileSync(path, 'utf8'), env, markdown),
    )) {
      const id = `/${relativePath.replace(/\.md$/, '')}#${anchor}`;
      index.add({ id, text, title: titles.at(-1)!, titles: titles.slice(0, -1) });
    }
  }
});

function find(query: string): string[] {
  return index.search(query).map(({ id }) => id as string);
}

test('who may see what comes first for `authorize`', () => {
  expect(find('authorize')[0]).toBe('/start/who-may-see-what#who-may-see-what');
});

test.each([
  ['403', '/troubleshooting'],
  ['expired', '/errors#expired'],
  ['broken images', '/troubleshooting'],
  ['docker', '/guides/any-site'],
  ['nunjucks', '/reference/helpers'],
  ['next image', '/guides/nextjs#image'],
  ['next.js', '/guides/nextjs'],
  ['express', '/guides/express'],
  ['s3', '/schemes/s3'],
  ['presigned s3', '/schemes/s3'],
  ['permission', '/start/who-may-see-what'],
  ['SignatureDoesNotMatch', '/schemes/s3'],
  ['hotlinking', '/start/private-images'],
  ['csp', '/troubleshooting'],
  ['cloudinary', '/schemes/edge-auth'],
  ['srcset', '/reference/helpers'],
  ['json', '/how-it-works/what-is-rewritten'],
  ['og:image', '/guides/social-cards'],
  ['rotate keys', '/key-rotation'],
  ['opentelemetry', '/monitoring'],
  ['sse', '/guides/streams'],
  ['infinite scroll', '/guides/infinite-scroll'],
  ['ttl', '/reference/options#ttl'],
  ['signImage', '/reference/helpers'],
  ['localhost', '/guides/local-delivery'],
  ['typescript', '/reference/helpers#names-of-variants-in-typescript'],
] as const)('%s: %s is among the first three', (query, page) => {
  const found = find(query).slice(0, 3);
  expect(
    found.filter((id) => id.startsWith(page) && /^$|^#/.test(id.slice(page.split('#')[0]!.length))),
  ).not.toEqual([]);
});

test('pages for contributors are not found', () => {
  expect(find('Stryker').filter((id) => id.startsWith('/project/'))).toEqual([]);
});
