/** The search of the site: what a person types leads to the page that they mean. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import {
  createMarkdownRenderer,
  type Indexed,
  type MarkdownEnv,
  MiniSearch,
  otherWords,
  renderForSearch,
  search,
  sectionsOf,
} from '../../../docs/.vitepress/search.ts';
import { slugOf } from '../../../docs/.vitepress/slug.ts';
import { listPages } from '../../support/package/documents.ts';

const docs = join(import.meta.dirname, '../../../docs');

/** As VitePress makes it (`localSearchPlugin`) and asks it (`VPLocalSearchBox`). */
const index = new MiniSearch<Indexed>({
  fields: ['title', 'titles', 'text'],
  storeFields: ['title', 'titles'],
  ...search.miniSearch!.options,
  searchOptions: search.miniSearch!.searchOptions!,
});

/** Every section, and every page by its title: `/caching#pages`, `/caching`. */
const places = new Set<string>();

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
      const file = relativePath.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html');
      index.add({ id: `/${file}#${anchor}`, text, title: titles.at(-1)!, titles: titles.slice(0, -1) });
      places.add(`/${file}#${anchor}`.replace('.html', ''));
      if (titles.length === 1) places.add(`/${file}`.replace('.html', ''));
    }
  }
});

function find(query: string): string[] {
  return index.search(query).map(({ id }) => (id as string).replace('.html', ''));
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
  ['rotation', '/key-rotation'],
  ['how do I rotate a key', '/key-rotation'],
  ['getting started', '/start/first-signed-page'],
  ['quick start', '/start/first-signed-page'],
  ['tutorial', '/start/first-signed-page'],
  ['install', '/start/first-signed-page'],
  ['npm', '/start/first-signed-page'],
  ['license', '/#what-it-does-not-do'],
  ['licence', '/#what-it-does-not-do'],
  ['wordpress', '/guides/any-site#wordpress'],
  ['minio', '/schemes/s3'],
  ['r2', '/schemes/s3'],
  ['azure', '/schemes/azure-blob'],
  ['google cloud storage', '/schemes/gcs'],
  ['cloudfront', '/schemes/cloud-front'],
  ['signed cookies', '/schemes/cloud-front'],
  ['bunny', '/schemes/bunny'],
  ['cloudflare images', '/start/private-images#at-cloudflare-images'],
  ['cloudflare workers', '/guides/workers'],
  ['cdn', '/caching'],
  ['cache', '/caching'],
  ['varnish', '/caching#varnish'],
  ['etag', '/caching'],
  ['stale images', '/caching'],
  ['compression', '/guides/express'],
  ['middleware order', '/guides/express'],
  ['brotli', '/reference/entry-points#limits-over-fetch'],
  ['gzip', '/errors#encoding'],
  ['nonce', '/errors#style-hash'],
  ['INVALID_OPTION', '/errors#invalid_option'],
  ['encoded-above', '/errors#encoded-above'],
  ['invalid signature', '/errors#bad-signature'],
  ['websocket', '/reference/helpers#data'],
  ['esm', '/reference/entry-points'],
  ['cors', '/reference/endpoint'],
  ['rss', '/guides/feeds'],
  ['email', '/guides/mail'],
  ['lambda', '/schemes/s3#with-a-role'],
  ['proxy', '/cli#proxy'],
  ['dev server', '/cli#dev'],
  ['avatar', '/start/who-may-see-what'],
  ['access control', '/start/who-may-see-what'],
  ['thumbnail', '/reference/options#variants'],
  ['custom domain', '/reference/options#custom-domains'],
  ['expiry', '/how-it-works/signed-url#the-expiry'],
  ['background image', '/how-it-works/what-is-rewritten#where-in-a-page'],
  ['lazy loading', '/guides/lazy-loading'],
  ['benchmark', '/performance'],
  ['bundle size', '/performance#size'],
  ['security', '/threat-model'],
  ['xss', '/threat-model'],
  ['clock skew', '/threat-model#a-machine-whose-clock-is-wrong'],
  ['leak', '/key-rotation'],
  ['log', '/monitoring'],
  ['prometheus', '/monitoring'],
  ['graphql', '/guides/streams#graphql'],
  ['tinymce', '/guides/editors'],
  ['local development', '/guides/local-delivery'],
  ['without an account', '/guides/local-delivery'],
  ['load balancer', '/scaling'],
  ['alternatives', '/compared'],
] as const)('%s: %s is among the first three', (query, page) => {
  const found = find(query).slice(0, 3);
  expect(
    found.filter((id) => id.startsWith(page) && /^$|^#/.test(id.slice(page.split('#')[0]!.length))),
  ).not.toEqual([]);
});

test('a row with an anchor is a section, and its heading keeps the text around the table', () => {
  const row = '<tr>\n<td><a id="late"></a><code>late</code></td>\n<td>Too late.</td>\n</tr>';
  const table = `<table><tr><th>code</th></tr>${row}</table>`;
  const html = `<h1 id="errors">Errors</h1><h2 id="codes">Codes</h2><p>Above.</p>${table}<p>Below.</p>`;
  expect([...sectionsOf(html)]).toEqual([
    { anchor: 'errors', titles: ['Errors'], text: '' },
    { anchor: 'codes', titles: ['Errors', 'Codes'], text: 'Above.codeBelow.' },
    { anchor: 'late', titles: ['Errors', 'Codes', 'late'], text: 'Too late.' },
  ]);
});

test('every code of errors.md is found in its row', () => {
  const rows = readFileSync(join(docs, 'errors.md'), 'utf8').matchAll(/^\| <a id="(.*?)"><\/a>`(.*?)`/gm);
  const lost = Array.from(rows).filter(([, id, code]) => !find(code!).slice(0, 3).includes(`/errors#${id}`));
  expect(lost.map(([, , code]) => code)).toEqual([]);
});

test('a match comes with the headings above it, as a list, for the box to show', () => {
  expect(index.search('ttl')[0]!['titles']).toEqual(['Options', 'For every factory']);
});

test('other words belong to a page or a section that is there', () => {
  expect(Object.keys(otherWords).filter((place) => !places.has(place))).toEqual([]);
});

test('pages for contributors are not found', () => {
  expect(find('Stryker').filter((id) => id.startsWith('/project/'))).toEqual([]);
});
