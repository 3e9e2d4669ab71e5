/** What the three processes of the streams benchmark tell each other, and the page that they all know. */
import { randomFrom } from '../support/random.ts';
import { products, shopPage, urlsInShop } from '../support/shop.ts';

export const key = 'a-signing-key-of-the-usual-length';

const shop = products(3, 14, 500);
/** Some 16 KB. */
export const page: Buffer = Buffer.from(shopPage(shop));
export const tokensInPage: number = urlsInShop(shop);

/** Where the page of a stream is cut: every other one stops in mid-tag the second time, which is where all are counted. */
export function cutsOf(index: number): [first: number, second: number, third: number] {
  const random = randomFrom(index);
  const within = (from: number, to: number): number =>
    Math.floor((from + random() * (to - from)) * page.length);
  const second = within(0.4, 0.7);
  const inTag = page.indexOf('src="', second) + Math.floor(random() * 60);
  return [within(0.05, 0.35), isStoppedInTag(index) ? inTag : second, within(0.8, 0.95)];
}

export function isStoppedInTag(index: number): boolean {
  return index % 2 === 0;
}

/** To the server: the next part of each stream, or how much memory it takes. */
export type ServerRequest = 'write' | 'measure';
export interface Memory {
  readonly streams: number;
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
}

/** From the client: all are open and have begun; then, all have ended. */
export type ClientMessage = { readonly opened: number } | { readonly result: ClientResult };
export interface ClientResult {
  readonly bytes: number;
  readonly tokens: number;
  readonly verified: number;
  /** The first ones, in words. */
  readonly errors: readonly string[];
  readonly errorCount: number;
}
