/** What the servers of the HTTP benchmark answer: pages of 100 KB with 60 images, a small object, a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ejs from 'ejs';
import { randomFrom } from '../support/random.ts';
import { type Product, products } from '../support/shop.ts';

/**
 * `page`: a view that is rendered the same each time. `visit`: one that differs in a token and a name. `texts`: one that
 * differs in most of its text. `text`: a string that is there. `json`: a small object. `redirect`: to another page.
 * `no-content`: a 204. `image`: a static file. `stream`: a page in two parts.
 */
export type Kind =
  | 'page'
  | 'visit'
  | 'texts'
  | 'text'
  | 'json'
  | 'redirect'
  | 'no-content'
  | 'image'
  | 'stream';

/** The status of those that are no `200`. */
export const statuses: Readonly<Partial<Record<Kind, number>>> = { redirect: 302, 'no-content': 204 };
/** Whether its body has images to sign. */
export function hasImages(kind: Kind): boolean {
  return ['page', 'visit', 'texts', 'text', 'stream'].includes(kind);
}

export interface ShopView {
  readonly title: string;
  readonly token: string;
  readonly name: string;
  readonly products: readonly Product[];
}

export const views: string = join(import.meta.dirname, 'views');
export const object: object = {
  id: 4711,
  title: 'Harbour',
  price: 12.5,
  tags: ['boats', 'morning'],
  inStock: true,
};

const [imageCount, textLength] = [60, 1_400];
const shop: ShopView = {
  title: 'Shop',
  token: tokenOf(0),
  name: nameOf(0),
  products: products(1, imageCount, textLength),
};
/** So many texts that no page comes again within the time that a page is remembered. */
const otherTexts: readonly string[] = products(2, 997, textLength).map(({ text }) =>
  text.slice(0, textLength).padEnd(textLength, '.'),
);

const html: string = await ejs.renderFile(join(views, 'shop.ejs'), shop);
/** In the middle of a tag. */
const cut = html.indexOf('imagedelivery', 8_000);
/** Between the first part of a streamed page and the rest, in milliseconds. */
const pause = 5;

/** @returns the data of the next page; all pages of a kind are of one length */
export function viewsOf(kind: Kind): () => ShopView {
  let visit = 0;
  if (kind === 'visit') {
    return () => {
      visit++;
      return { ...shop, token: tokenOf(visit), name: nameOf(visit) };
    };
  }
  if (kind !== 'texts') return () => shop;
  return () => {
    visit++;
    const textOf = (index: number): string =>
      otherTexts[(visit * (imageCount + 1) + index) % otherTexts.length]!;
    return { ...shop, products: shop.products.map((each, index) => ({ ...each, text: textOf(index) })) };
  };
}

/** What an app without views of its own answers: it renders by itself. */
export function answersOf(kind: Kind): () => string | typeof object {
  if (kind === 'json') return () => object;
  if (kind === 'text') return () => html;
  const render = ejs.compile(readFileSync(join(views, 'shop.ejs'), 'utf8'));
  const view = viewsOf(kind);
  return () => render(view());
}

export function stream(response: ServerResponse): void {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.write(html.slice(0, cut));
  setTimeout(() => response.end(html.slice(cut)), pause);
}

/** As against forged requests: another for each visitor. */
function tokenOf(visit: number): string {
  return Math.floor(randomFrom(visit)() * 2 ** 48)
    .toString(16)
    .padStart(40, '0');
}

function nameOf(visit: number): string {
  return `visitor ${String(visit).padStart(9, '0')}`;
}

/** The name of the file that `image` serves, of 20 KB. */
export const imageName = 'photo.webp';

export function folderWithImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-signer-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const random = randomFrom(2);
  writeFileSync(
    join(folder, imageName),
    Uint8Array.from({ length: 20_000 }, () => random() * 256),
  );
  return folder;
}
