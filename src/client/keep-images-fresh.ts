/** When the images of an open page get new URLs, and which of them. */
import { broken, stateOf } from './image-state.ts';
import { visitUrls } from './places.ts';
import { request } from './request.ts';
import { readEnd, withoutToken } from './tokens.ts';

/** What `keepImagesFresh` takes. */
export interface FreshImagesOptions {
  /**
   * Path or URL of a `signingEndpoint`, which is asked instead of the page.
   * @default the page itself is fetched again
   */
  readonly endpoint?: string | undefined;
  /**
   * Asks the app's own way: gets URLs as they stand in the page, gives for each the one that is to stand there instead.
   * @default the `endpoint` is asked, or the page
   */
  readonly renew?: ((urls: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /**
   * How long before the end of a token its image is renewed, in seconds: half of the life that it first had left, at most.
   * @default a tenth of that life, and at least 10 seconds
   */
  readonly margin?: number | undefined;
  /** Whether to look at elements as they are added: for apps that keep nodes outside of the page. @default false */
  readonly observe?: boolean | undefined;
  /** Where the images are: an element, or a shadow root. @default `document` */
  readonly root?: ParentNode | undefined;
  /**
   * The end of a token of a scheme of your own, in Unix seconds; undefined for a URL that has none.
   * @default tokens of the built-in schemes alone are known
   */
  readonly endOf?: ((url: string) => number | undefined) | undefined;
}

/** What `keepImagesFresh` gives. */
export interface FreshImages {
  /** Ends all requests, timers and listeners. */
  stop(): void;
}

/** Of the Network Information API, which not every browser has. */
type Saving = { connection?: { saveData?: boolean } };

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
 * @example
 * ```ts
 * const images = keepImagesFresh({ endpoint: '/sign' });
 * document.addEventListener('imagesigner:stopped', () => location.reload());
 * // When the app removes what it has shown:
 * images.stop();
 * ```
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
  const stop = (): void => {
    controller.abort();
    clearTimeout(timer);
  };
  /** The latest URL of each image. */
  const latest = new Map<string, string>();
  /** For what a new URL was asked: the one that stands in the page, the latest of its image, and its state; and what has failed. */
  const asked = new Set<string>();
  /** A framework that puts old URLs back is answered once for each new one, until the element has had another image. */
  const written = new WeakMap<Element, string>();
  const failed = new WeakSet<EventTarget>();
  const firstSeen = new Map<number, number>();
  /** The tokens of all visitors end in the same second. */
  const jitter = 1 - Math.random() / 2;
  let ahead = 0;
  let failures = 0;
  let notBefore = 0;
  let next = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let page: string | undefined;
  let isLooking = false;

  const now = (): number => (Date.now() + ahead) / 1000;
  /** @returns 0 for a URL without a token, Infinity for a token that does not say when it ends */
  const endOf = (url = ''): number => {
    let own: number | undefined;
    try {
      own = endOfOwn?.(url);
    } catch {} // for a URL that a stranger has typed
    return readEnd(url) || own || (withoutToken(url) === url ? 0 : Infinity);
  };
  const keyOf = (url: string): string => {
    const key = withoutToken(url);
    return key === url ? url.replace(/([?&][\w-]+)=(?:\d{10,}|[^&#\s"'(),\\]{20,})/g, '$1|') : key;
  };
  const marginOf = (end: number): number => {
    const seen = firstSeen.get(end) ?? now();
    firstSeen.set(end, seen);
    return Math.min(margin ?? Math.max((end - seen) / 10, 10), (end - seen) / 2);
  };
  const dueOf = (end: number): number => end - marginOf(end) * jitter || Infinity;

  const schedule = (at: number): void => {
    next = Math.min(next, at);
    if (isLooking || signal.aborted) return;
    clearTimeout(timer);
    timer = setTimeout(look, Math.min(Math.max(next - now(), 0.05), longestTimer) * 1000);
  };

  const ask = async (urls: string[], here: string): Promise<void> => {
    let gap = Infinity;
    const found = (url: string, given = url): string => {
      const key = keyOf(given);
      if (!asked.has(url) && endOf(url) >= endOf(latest.get(key))) latest.set(key, url);
      return url;
    };
    const send = async (url: string, body?: string): Promise<XMLHttpRequest> => {
      const answer = await request(url, signal, body);
      // A cache sends the date of its copy.
      const sent = Date.parse(answer.getResponseHeader('Date')!);
      ahead = sent + Number(answer.getResponseHeader('Age')) * 1000 - Date.now() || ahead;
      return answer;
    };
    if (renew) for (const [given, url] of await renew(urls)) found(url, given);
    else if (endpoint) {
      // Where the endpoint refuses one URL, it refuses those beside it: long ones go alone, and none that JSON escapes goes.
      const rest = urls.filter((url) => /^[!-~]{1,9999}$/.test(url)).sort((a, b) => b.length - a.length);
      while (rest.length) {
        // `signingEndpoint` takes 100 URLs and 64 KB.
        const batch = rest.splice(0, Math.min(100, 30_000 / rest[0]!.length));
        const { response } = await send(endpoint, JSON.stringify({ urls: batch }));
        for (const given in response.urls) found(response.urls[given].url, given);
      }
    } else
      await visitUrls((await send(here)).responseXML!, (url) => {
        const shortest = marginOf(endOf(url));
        // A stranger's link may have ended, or be about to.
        if (shortest >= 1) gap = Math.min(gap, shortest);
        return found(url);
      });
    failures = 0;
    // A page without tokens of its own is asked no more often than one whose tokens live for minutes.
    notBefore = now() + (gap < Infinity ? gap : renew || endpoint ? 1 : 10);
  };

  async function look(): Promise<void> {
    // A stranger's `<img name="hidden">` stands before the property.
    if (document.hidden === true || signal.aborted) return;
    if (isLooking) return schedule(0);
    isLooking = true;
    next = Infinity;
    /** What to ask for, and why. */
    const wanted = new Map<string, string>();
    let last: Element | undefined;
    let count = 0;
    // A `Date` has whole seconds: what was due before an answer is due after it.
    const soon = now() + 1;
    await visitUrls(root, (url, element, name) => {
      const end = signal.aborted ? 0 : endOf(url);
      const state = end && stateOf(element, name, url, failed.has(element), end - now());
      if (dueOf(end) > soon && state !== broken) schedule(dueOf(end));
      else if (state) {
        // After one that the page does not have any more: a framework has put the old one back.
        const key = keyOf(url);
        if (state === broken) {
          // It may be a stranger's, with a far end and a signature of nobody.
          asked.add(url);
          if (latest.get(key) === url) latest.delete(key);
        }
        const fresh = latest.get(key) ?? url;
        const due = dueOf(endOf(fresh));
        if (fresh !== url && (state === broken || endOf(fresh) >= end) && due > soon) {
          schedule(due);
          const done = written.get(element) ?? '';
          if (!done.includes(name + fresh)) {
            // The URLs of an element are visited one after another.
            written.set(element, (last === element ? done : '') + name + fresh);
            last = element;
            failed.delete(element);
            if (state === broken) asked.add(fresh + fresh + state);
            count++;
            return fresh;
          }
        } else {
          const why = url + fresh + state;
          if (!asked.has(why) && (state === broken || !(navigator as Saving).connection?.saveData))
            wanted.set(url, why);
        }
      }
      return url;
    });
    if (count) dispatch('renewed', { count });
    if (wanted.size) {
      const here = location.href.split('#')[0]!;
      if (here !== page) notBefore = 0;
      page = here;
      if (now() >= notBefore)
        try {
          await ask([...wanted.keys()], here);
          for (const why of wanted.values()) asked.add(why);
          next = 0;
        } catch (status) {
          notBefore = now() + Math.min(5 * 2 ** failures++, longestTimer);
          if ([0, 401, 403].includes(status as number)) {
            stop();
            dispatch('stopped', { status });
          }
        }
      schedule(notBefore);
    }
    isLooking = false;
    schedule(next);
  }

  if (!root) return { stop };
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
  if (observe)
    new MutationObserver((_, observer) => {
      if (signal.aborted) observer.disconnect();
      else schedule(0);
    }).observe(root, { childList: true, subtree: true });
  void look();
  return { stop };
}

function dispatch(name: string, detail: object): void {
  document.dispatchEvent(new CustomEvent(`imagesigner:${name}`, { detail }));
}
