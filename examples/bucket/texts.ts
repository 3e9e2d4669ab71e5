/** The site's database: handwritten HTML about the photos. No URL in it works without a new token. */
import type { Store } from './store.ts';
import { invoiceKey, type Photo, photos } from './uploads.ts';

export interface Comment {
  readonly author: string;
  /** HTML from a rich text editor. A real site sanitizes it, and allows images. */
  readonly html: string;
}

export interface Texts {
  /** From the time when the site stored signed URLs. They expired years ago. */
  readonly story: string;
  readonly comments: readonly Comment[];
}

export async function readTexts({ url, signLongAgo }: Pick<Store, 'url' | 'signLongAgo'>): Promise<Texts> {
  const urlOf = ({ key }: Photo): string => `${url}/${key}`;
  const [first, second, third] = [photoAt(4), photoAt(5), photoAt(3)];
  const [old, older] = await Promise.all([signLongAgo(urlOf(first)), signLongAgo(urlOf(second))]);
  return {
    story: `<p>We left before light. What the forecast had called <em>a little mist</em> lay over every valley but ours.</p>
<figure><img src="${escapeHtml(old)}" alt="${first.alt}" width="800" height="500"></figure>
<p>The hut had a stove, the stove had an opinion, and by nine we had come to an agreement.</p>
<figure><img src="${escapeHtml(older)}" alt="${second.alt}" width="800" height="500"></figure>`,
    comments: [
      {
        author: 'Ida',
        html: `<p>From the other side of the valley, the same morning:</p>
<img src="${urlOf(third)}" alt="${third.alt}" width="800" height="500">`,
      },
      {
        author: 'Mallory',
        html: `<p>Does this one load for you, too?</p>
<img src="${url}/${invoiceKey}" alt="An invoice of the site, which this page must not sign." width="400" height="250" data-outside>`,
      },
    ],
  };
}

export function photoAt(index: number): Photo {
  const photo = photos[index];
  if (photo === undefined) throw new RangeError(`There is no photo ${index}.`);
  return photo;
}

function escapeHtml(url: string): string {
  return url.replaceAll('&', '&amp;');
}
