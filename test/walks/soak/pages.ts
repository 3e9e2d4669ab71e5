/** What the site of the soak serves, and what each of its answers has to be once tokens and codings are off. */
import { join } from 'node:path';
import ejs from 'ejs';
import { randomFrom } from '../../support/generators/random.ts';
import { type Product, products, shopPage, urlsInShop } from '../../support/servers/shop.ts';

export const key = 'a-signing-key-of-the-usual-length';
/** Short: a step is 30 seconds, so that what is remembered of one has to go. */
export const ttl = '2m';
export const views: string = join(import.meta.dirname, '../../bench/views');
export const fileName = 'photo.webp';

/** Where `compression` is mounted: nowhere for half of the requests, after the signer, before it. */
export const prefixes = ['', '', '/inner', '/outer'] as const;

export type Way = 'send' | 'view' | 'stream' | 'gzip' | 'gzip-stream' | 'json' | 'files';

export interface Route {
  readonly way: Way;
  readonly path: string;
  readonly body: Buffer;
  readonly tokens: number;
  /** Whether the app names an entity tag: what may be asked for conditionally. */
  readonly isTagged: boolean;
}

/** From some 2 KB to some 60 KB. */
export const shops: readonly (readonly Product[])[] = [1, 3, 8, 15, 30, 60].map((count, index) =>
  products(index + 10, count, 600),
);
export const pages: readonly Buffer[] = shops.map((shop) => Buffer.from(shopPage(shop)));
export const data: object = { items: shops[2], total: 8 };
const random = randomFrom(4);
export const file: Uint8Array = Uint8Array.from({ length: 20_000 }, () => random() * 256);

const rendered: readonly string[] = await Promise.all(
  shops.map((shop) => ejs.renderFile(join(views, 'shop.ejs'), { title: 'Shop', products: shop })),
);

function ofPages(way: Way, isTagged: boolean): Route[] {
  return pages.map((body, index) => ({
    way,
    path: `/${way}/${index}`,
    body,
    tokens: urlsInShop(shops[index]!),
    isTagged,
  }));
}

export const routes: readonly Route[] = [
  ...ofPages('send', true),
  ...rendered.map((html, index) => ({
    way: 'view' as const,
    path: `/view/${index}`,
    body: Buffer.from(html),
    tokens: shops[index]!.length,
    isTagged: true,
  })),
  ...ofPages('stream', false),
  ...ofPages('gzip', false),
  ...ofPages('gzip-stream', false),
  { way: 'json', path: '/json', body: Buffer.from(JSON.stringify(data)), tokens: 0, isTagged: true },
  { way: 'files', path: `/files/${fileName}`, body: Buffer.from(file), tokens: 0, isTagged: true },
];
