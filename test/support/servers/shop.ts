/** A shop's products and the page that shows them, as large as is asked for. It imports nothing of the package. */
import { randomFrom } from '../generators/random.ts';

export interface Product {
  readonly title: string;
  readonly text: string;
  readonly price: string;
  /** A delivery URL that lacks its variant. */
  readonly image: string;
}

export const variants: readonly string[] = ['thumb', 'card', 'hero'];

const words =
  'the of a light harbour morning and boats that came in with nets full over water where every window was still dark'.split(
    ' ',
  );

/** @param textLength - characters of prose for each, or a word more */
export function products(seed: number, count: number, textLength: number): Product[] {
  const random = randomFrom(seed);
  const prose = (length: number): string => {
    let text = '';
    while (text.length < length) text += `${words[Math.floor(random() * words.length)]} `;
    return text.trimEnd();
  };
  return Array.from({ length: count }, () => ({
    title: prose(20),
    text: prose(textLength),
    price: (random() * 90).toFixed(2),
    image: `https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0')}/`,
  }));
}

/** How many URLs of `shopPage` are to be signed. */
export function urlsInShop(shop: readonly Product[]): number {
  return 1 + 4 * shop.length;
}

/** URLs in a style sheet, in JSON, in `src` and in `srcset`; and some, in comments and text, that are to stay. */
export function shopPage(shop: readonly Product[]): string {
  const data = { '@type': 'ItemList', image: shop.map(({ image }) => `${image}hero`) };
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<style>.top { background: url("${shop[0]?.image}hero") } .card { margin: 0 4px }</style>
<script type="application/ld+json">${JSON.stringify(data)}</script></head><body><ul>
${shop.map(listItem).join('\n')}
</ul></body></html>
`;
}

function listItem({ title, text, price, image }: Product): string {
  return `<li class="card"><!-- ${image}thumb --><img loading="lazy" src="${image}thumb" srcset="${image}card 640w, ${image}hero 1280w" alt="${title}"><h3>${title}</h3><p>${text}</p><p class="price">${price} €, ${image}card</p></li>`;
}
