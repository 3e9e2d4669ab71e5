/** What the pages of an attacker are compared with. */
import { url } from '../../support/samples.ts';

/** A shop: pictures that differ, each in three widths, with a version as a parameter. */
export function ordinaryPage(bytes: number): Buffer {
  const cards: string[] = [];
  for (let index = 0, length = 0; length < bytes; index++) {
    const of = (variant: string): string => `${url(variant, `product-${index}`)}?v=${index}`;
    const card = `<li class="card"><a href="/products/${index}"><img src="${of('thumb')}" srcset="${of('thumb')} 320w, ${of('card')} 640w" alt="Product ${index}"></a></li>\n`;
    cards.push(card);
    length += card.length;
  }
  return Buffer.from(cards.join(''));
}
