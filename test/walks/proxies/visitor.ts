/**
 * A visitor behind a cache: loads a page and its images, as a browser would, and knows for how long a browser would
 * show that page again without asking (RFC 9111, 4.2). What it sees is judged elsewhere.
 */
import { signedUrlsIn } from '../../support/generators/gallery-pages.ts';
import type { Cache } from './caches.ts';

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

export class Visitor {
  readonly #cache: Cache;
  readonly #loaded: Set<string>;
  readonly #cookie: string | undefined;
  readonly #closing: AbortSignal;

  /** @param loaded - the images that have been loaded through this cache, by whomever */
  constructor(cache: Cache, loaded: Set<string>, closing: AbortSignal, cookie?: string) {
    this.#cache = cache;
    this.#loaded = loaded;
    this.#cookie = cookie;
    this.#closing = closing;
  }

  async open(path: string): Promise<SeenPage> {
    const [seen, html] = await this.#get(`${this.#cache.address}${path}`, 'text/html');
    const images = signedUrlsIn(html, this.#cache.address).map((url) => {
      const { pathname, search } = new URL(url); // og:image names the site itself
      return `${this.#cache.address}${pathname}${search}`;
    });
    return { ...seen, path, images: [...new Set(images)], life: lifeOf(seen.cacheControl) };
  }

  /** Six at a time, as browsers do. */
  async load(images: readonly string[]): Promise<SeenImage[]> {
    const waiting = [...images];
    const seen: SeenImage[] = [];
    const work = async (): Promise<void> => {
      for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
        const isKnown = this.#loaded.has(url);
        const [image] = await this.#get(url, 'image/*');
        if (image.status === 200) this.#loaded.add(url);
        seen.push({ ...image, url, isKnown });
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    return seen;
  }

  async #get(url: string, accept: string): Promise<[seen: Seen, text: string]> {
    const cookie = this.#cookie === undefined ? {} : { Cookie: this.#cookie };
    const response = await fetch(url, {
      headers: { Accept: accept, ...cookie },
      redirect: 'manual',
      signal: this.#closing,
    });
    const text = await response.text();
    const { headers, status } = response;
    const date = Date.parse(headers.get('date') ?? '');
    const seen = {
      status,
      cache: headers.get('x-cache') ?? '',
      age: Math.max(Number(headers.get('age') ?? 0), (Date.now() - date) / 1000),
      cacheControl: headers.get('cache-control') ?? '',
    };
    return [seen, text];
  }
}

/** `max-age`, and what is stale after it. */
function lifeOf(cacheControl: string): number {
  const secondsOf = (name: string): number =>
    Number(new RegExp(`(?:^|[ ,])${name}=(\\d+)`).exec(cacheControl)?.[1] ?? 0);
  if (/no-store|no-cache/.test(cacheControl)) return 0;
  return secondsOf('max-age') + Math.max(secondsOf('stale-while-revalidate'), secondsOf('stale-if-error'));
}
