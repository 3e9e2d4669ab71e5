/**
 * A visitor behind a cache: loads a page and its images, as a browser would, and knows for how long a browser would
 * show that page again without asking (RFC 9111, 4.2). What it sees is judged elsewhere.
 */
import { signedUrlsIn } from '../../support/generators/gallery-pages.ts';

export interface Seen {
  readonly status: number;
  /** `HIT`, `MISS`, or one of nginx's other words. */
  readonly cache: string;
  /** In seconds, since the site sent it: by `Age`, and by `Date`. */
  readonly age: number;
  readonly cacheControl: string;
}

export interface SeenPage extends Seen {
  readonly path: string;
  /** Its signed images, each by its address at the cache. */
  readonly images: readonly string[];
  /** In seconds: up to this age anybody may show it again, stale or not. */
  readonly life: number;
}

export interface SeenImage extends Seen {
  readonly url: string;
  /** Whether somebody had loaded it through this cache before. */
  readonly isKnown: boolean;
}

/** The visitors of one cache. */
export class Visitors {
  readonly #address: string;
  /** The images that have been loaded through this cache, by whomever. */
  readonly loaded: Set<string> = new Set();

  constructor(address: string) {
    this.#address = address;
  }

  async open(path: string, cookie?: string): Promise<SeenPage> {
    const [seen, html] = await get(`${this.#address}${path}`, 'text/html', cookie);
    const images = signedUrlsIn(html, this.#address).map((url) => {
      const { pathname, search } = new URL(url); // og:image names the site itself
      return `${this.#address}${pathname}${search}`;
    });
    return { ...seen, path, images: [...new Set(images)], life: lifeOf(seen.cacheControl) };
  }

  /** Six at a time, as browsers do. */
  async load(images: readonly string[], cookie?: string): Promise<SeenImage[]> {
    const waiting = [...images];
    const seen: SeenImage[] = [];
    const work = async (): Promise<void> => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
        const isKnown = this.loaded.has(url);
        const [image] = await get(url, 'image/*', cookie);
        if (image.status === 200) this.loaded.add(url);
        seen.push({ ...image, url, isKnown });
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    return seen;
  }
}

async function get(url: string, accept: string, cookie?: string): Promise<[seen: Seen, text: string]> {
  const sent = { Accept: accept, ...(cookie !== undefined && { Cookie: cookie }) };
  const response = await fetch(url, { headers: sent, redirect: 'manual' });
  const text = await response.text();
  const { headers, status } = response;
  const date = Date.parse(headers.get('date') ?? '');
  const age = Math.max(Number(headers.get('age') ?? 0), (Date.now() - date) / 1000);
  const cacheControl = headers.get('cache-control') ?? '';
  return [{ status, cache: headers.get('x-cache') ?? '', age, cacheControl }, text];
}

/** `max-age`, and what is stale after it. */
function lifeOf(cacheControl: string): number {
  const secondsOf = (name: string): number =>
    Number(new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(cacheControl)?.[1] ?? 0);
  if (/no-store|no-cache/.test(cacheControl)) return 0;
  return secondsOf('max-age') + Math.max(secondsOf('stale-while-revalidate'), secondsOf('stale-if-error'));
}
