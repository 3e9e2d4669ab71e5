/** When the images of an open page get new URLs, and which of them. */
import { visitUrls } from './places.ts';
import { request } from './request.ts';
import { readEnd, withoutToken } from './tokens.ts';

/** What `keepImagesFresh` takes. */
export interface FreshImagesOptions {
  /** Path or URL of a `signingEndpoint`, which is asked instead of the page. */
  readonly endpoint?: string | undefined;
  /** Asks the app's own way: gets URLs as they stand in the page, gives for each the one that is to stand there instead. */
  readonly renew?: ((urls: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /**
   * How long before the end of a token its image gets a new URL, in seconds; at most half of the life that was left when
   * the token was first seen.
   * @default a tenth of that life, and at least 10 seconds
   */
  readonly margin?: number | undefined;
  /** Whether to look at elements as they are added: for apps that keep nodes outside of the page. @default false */
  readonly observe?: boolean | undefined;
  /** Where the images are: an element, or a shadow root. @default `document` */
  readonly root?: ParentNode | undefined;
  /** The end of a token of a scheme of your own, in Unix seconds; undefined for a URL that has none. */
  readonly endOf?: ((url: string) => number | undefined) | undefined;
}

/** What `keepImagesFresh` gives. */
export interface FreshImages {
  /** Ends all requests, timers and listeners. */
  stop(): void;
}

/** In seconds: the clock of a timer stands still while a laptop sleeps. */
const longestTimer = 300;

/**
 * Keeps the images of an open page alive: what has not loaded yet gets a new URL before its token ends, and what has failed
 * gets one once. Images that are shown are left alone. Where there is no document it does nothing.
 *
 * By default the page itself is fetched again, when an image needs it, at most once a margin.
 *
 * Events on `document`: `imagesigner:renewed` with `detail.count`, the number of URLs that were written;
 * `imagesigner:stopped` with `detail.status`, if the visitor may not see the page any more: 401, 403, or 0 for a redirection.
 */
export function keepImagesFresh({
  endpoint,
  renew,
  margin,
  observe,
  root = globalThis.document,
  endOf: endOfOwn,
}: FreshImagesOptions = {}): FreshImages {
  const controller = new AbortController();
  const { signal } = controller;
  const images = { stop: () => controller.abort() };
  if (!root) return images;
  /** The latest URL of each image. */
  const latest = new Map<string, string>();
  /** URLs for which a new one was asked, with `true` before them after they have failed. */
  const asked = new Set<string>();
  const written = new WeakMap<Element, string>();
  const failed = new WeakSet<EventTarget>();
  const firstSeen = new Map<number, number>();
  /** The tokens of all visitors end in the same second. */
  const jitter = 1 - Math.random() / 2;
  let ahead = 0;
  let failures = 0;
  let notBefore = 0;
  let lookAt = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let page: string | undefined;
  let isLooking = false;

  const now = (): number => (Date.now() + ahead) / 1000;
  /** @returns 0 for a URL without a token, Infinity for a token that does not say when it ends */
  const endOf = (url = ''): number =>
    readEnd(url) || endOfOwn?.(url) || (withoutToken(url) === url ? 0 : Infinity);
  const keyOf = (url: string): string =>
    endOfOwn?.(url) ? url.replace(/=[^&]{10,}/g, '=') : withoutToken(url);
  const marginOf = (end: number): number => {
    const seen = firstSeen.get(end) ?? now();
    firstSeen.set(end, seen);
    return Math.min(margin ?? Math.max((end - seen) / 10, 10), (end - seen) / 2);
  };
  const dueOf = (end: number): number => end - marginOf(end) * jitter || Infinity;

  /** @returns undefined for an image that is left alone: it is shown, or on its way */
  const hasFailed = (url: string, end: number, element: Element, name: string): boolean | undefined => {
    const { localName } = element;
    if (localName === 'a' || name.startsWith('data-')) return false;
    const image = localName === 'source' ? element.parentElement!.querySelector('img') : element;
    if (image instanceof HTMLImageElement)
      return image.complete ? !image.naturalWidth || undefined : image.loading === 'lazy' ? false : undefined;
    const fetched = performance.getEntriesByName(new URL(url, document.baseURI).href).pop();
    return (
      failed.has(element) ||
      (fetched ? now() - (performance.now() - fetched.startTime) / 1000 > end || undefined : false)
    );
  };

  const schedule = (at: number): void => {
    if (at >= lookAt) return;
    lookAt = at;
    clearTimeout(timer);
    timer = setTimeout(look, Math.min(Math.max(at - now(), 0.05), longestTimer) * 1000);
  };

  const ask = async (urls: readonly string[]): Promise<void> => {
    let gap = 1;
    const found = (url: string, given = url): void => {
      const key = keyOf(given);
      if (endOf(url) >= endOf(latest.get(key))) latest.set(key, url);
      if (!endpoint) gap = Math.max(gap, marginOf(endOf(url)));
    };
    if (renew) for (const [given, url] of await renew(urls)) found(url, given);
    else if (endpoint) {
      // In batches that `signingEndpoint` takes: so many URLs, and bytes.
      const size = Math.floor(Math.min(100, 60_000 / urls[0]!.length));
      for (let from = 0; from < urls.length; from += size) {
        const answer = await request(
          endpoint,
          signal,
          JSON.stringify({ urls: urls.slice(from, from + size) }),
        );
        for (const given in answer.response.urls) {
          const { url } = answer.response.urls[given];
          if (url) found(url, given);
        }
        setClock(answer);
      }
    } else {
      const answer = await request(location.href, signal);
      await visitUrls(answer.responseXML!, (url) => {
        found(url);
        return url;
      });
      setClock(answer);
    }
    failures = 0;
    notBefore = now() + gap;
  };

  const setClock = (answer: XMLHttpRequest): void => {
    // A cache sends the date of its copy.
    const [date, age] = ['Date', 'Age'].map((name) => answer.getResponseHeader(name));
    ahead = Date.parse(date!) + Number(age) * 1000 - Date.now() || ahead;
  };

  async function look(): Promise<void> {
    clearTimeout(timer);
    lookAt = Infinity;
    if (document.hidden || signal.aborted) return;
    if (isLooking) return schedule(now() + 1);
    isLooking = true;
    const wanted = new Map<string, string>();
    let next = Infinity;
    let count = 0;
    await visitUrls(root, (url, element, name) => {
      const end = endOf(url);
      const failure = end ? hasFailed(url, end, element, name) : undefined;
      if (!failure && dueOf(end) > now()) next = Math.min(next, dueOf(end));
      else if (failure !== undefined) {
        const fresh = latest.get(keyOf(url)) ?? '';
        if (fresh !== url && endOf(fresh) >= end && dueOf(endOf(fresh)) > now()) {
          const done = written.get(element) ?? '';
          if (!done.includes(name + fresh)) {
            written.set(element, done + name + fresh);
            failed.delete(element);
            if (failure) asked.add(failure + fresh);
            count++;
            return fresh;
          }
        } else if (!asked.has(failure + url) && (failure || !isSaving())) wanted.set(failure + url, url);
      }
      return url;
    });
    if (count) send('renewed', { count });
    if (wanted.size) {
      const here = location.href.split('#')[0];
      if (here !== page) notBefore = 0;
      page = here;
      next = Math.min(next, notBefore);
      if (now() >= notBefore)
        try {
          await ask([...wanted.values()]);
          for (const key of wanted.keys()) asked.add(key);
          next = 0;
        } catch (status) {
          next = notBefore = now() + Math.min(5 * 2 ** failures++, longestTimer);
          if (status === 0 || status === 401 || status === 403) {
            images.stop();
            send('stopped', { status });
          }
        }
    }
    isLooking = false;
    if (!signal.aborted) schedule(next);
  }

  root.addEventListener(
    'error',
    ({ target }) => {
      failed.add(target!);
      schedule(0);
    },
    { capture: true, signal },
  );
  document.addEventListener('visibilitychange', look, { signal });
  addEventListener('pageshow', look, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  if (observe)
    new MutationObserver((_, observer) => {
      if (signal.aborted) observer.disconnect();
      else schedule(0);
    }).observe(root, { childList: true, subtree: true });
  void look();
  return images;
}

function isSaving(): boolean | undefined {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData;
}

function send(name: string, detail: object): void {
  document.dispatchEvent(new CustomEvent(`imagesigner:${name}`, { detail }));
}
