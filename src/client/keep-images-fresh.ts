/**
 * Decides which images of an open page get new URLs, and when. Longer than most files: its parts share the state of the page, and every
 * function that another file calls costs visitors bytes.
 */
import { note, type Places, visitUrls } from './places.ts';
import { formOf, readEnd, token } from './tokens.ts';

/** The options of `keepImagesFresh`. */
export interface FreshImagesOptions {
  /**
   * The path or URL of a `signingEndpoint` that signs the new URLs.
   * @default the page itself is fetched again
   */
  readonly endpoint?: string | undefined;
  /**
   * Renews URLs in the app's own way: gets the URLs in the page, and returns the new URL for each of them.
   * @default the `endpoint` or the page is asked
   */
  readonly renew?: ((urls: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /**
   * How many seconds before its token expires an image is renewed; at most half of the time that the token had left when it was first
   * seen.
   * @default a tenth of that time, and at least 10 seconds
   */
  readonly margin?: number | undefined;
  /** Whether to look at elements when they are added, for apps that keep nodes outside the page. @default false */
  readonly observe?: boolean | undefined;
  /** Where the images are: an element, or a shadow root. @default `document` */
  readonly root?: ParentNode | undefined;
  /**
   * Returns when a token of your own scheme expires, in Unix seconds; undefined for a URL without one.
   * @default only the tokens of built-in schemes are known
   */
  readonly endOf?: ((url: string) => number | undefined) | undefined;
}

/** The result of `keepImagesFresh`. */
export interface FreshImages {
  /** Stops all requests, timers and listeners. */
  stop(): void;
}

/** From the Network Information API, which not every browser has. */
type Saving = { connection?: { saveData?: boolean } };

/** The origin and the first segment of a URL. */
const folder = /^(?:.*?\/\/[^/]*)?\/?[^/?#]*/;

/** 0: shown or loading, and left alone; waiting: not requested yet; broken: failed. */
type ImageState = 0 | typeof waiting | typeof broken;
const waiting = 1;
const broken = 2;

/**
 * The state of an image in the page.
 * @param hasFailed - whether there was an `error` event, for elements that do not remember it
 * @param left - how many seconds the token is still valid; negative after its end
 */
function stateOf(element: Element, url: string, hasFailed: boolean, left: number): ImageState {
  const image = (
    element.localName === 'source' ? element.closest('picture')?.querySelector('img') : element
  ) as HTMLImageElement | null;
  if (image?.localName === 'img') {
    if (image.complete) return image.naturalWidth ? 0 : broken;
    return image.loading === 'lazy' ? waiting : 0;
  }
  if (hasFailed) return broken;
  const fetched = performance
    .getEntries()
    .filter(({ name }) => name.endsWith(url))
    .pop();
  if (!fetched) return waiting;
  return performance.now() - fetched.startTime + left * 1000 > 0 ? 0 : broken;
}

/**
 * Requests new URLs. `XMLHttpRequest` reads a page in its own encoding, even if Trusted Types forbid a parser.
 * @param url - of a page, without fragment
 * @param body - JSON for an endpoint; without it, a page is requested
 * @throws the status of a response without URLs; 0 for a response from elsewhere, such as a login; an event without a response
 */
function request(url: string, signal: AbortSignal, body?: string): Promise<XMLHttpRequest> {
  const request = new XMLHttpRequest();
  request.open(body ? 'POST' : 'GET', url);
  request.responseType = body ? 'json' : 'document';
  request.withCredentials = true;
  request.timeout = 60_000;
  if (body) request.setRequestHeader('Content-Type', 'application/json');
  else {
    request.setRequestHeader('Accept', 'text/html');
    request.setRequestHeader('Cache-Control', 'no-cache');
    request.setRequestHeader('X-Image-Signer', 'renew');
  }
  signal.onabort = () => request.abort();
  return new Promise((resolve, reject) => {
    request.onload = () => {
      const { status } = request;
      // A proxy's error page isn't JSON either, but its status is not 200.
      if (body ? status === 200 && !request.response : request.responseURL !== url) reject(0);
      if (status === 200) resolve(request);
      reject(status);
    };
    // Here a redirect to another origin looks like any error; `fetch` can tell it apart.
    request.onerror = () =>
      fetch(url, { redirect: 'manual', signal }).then(({ status }) => reject(status), reject);
    request.ontimeout = reject;
    request.send(body);
  });
}

/**
 * Keeps the images of an open page alive. An image that has not loaded yet gets a new URL before its token expires; an image that has
 * failed gets one once. Images that are shown stay unchanged. Without a document it does nothing.
 *
 * By default it fetches the page again when an image needs it, at most once per margin.
 *
 * Events on `document`: `imagesigner:renewed` with `detail.count`, the number of new URLs;
 * `imagesigner:stopped` with `detail.status`, if the visitor may no longer see the page: 401, 403, or 0 for a redirect.
 * @example
 * ```ts
 * const images = keepImagesFresh({ endpoint: '/sign' });
 * document.addEventListener('imagesigner:stopped', () => location.reload());
 * // When the app removes these images:
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
  /** In seconds: a timer's clock stops while a laptop sleeps. */
  const longestTimer = 300;
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void => {
    controller.abort();
    clearTimeout(timer);
  };
  /** The folders of all images that the page has shown. */
  const folders = new Set<string>();
  /** The latest URL of every image, by the form of the URLs that it replaces, or by the URL in whose place it is. */
  const latest = new Map<string, string>();
  /** The requests so far: the URL in the page, the latest URL of its image, and the image's state. */
  let asked = new Set<string>();
  /** If a framework restores old URLs, every new URL is written only once, until the element has another image. */
  const written = new WeakMap<Element, string>();
  const failed = new WeakSet<EventTarget>();
  const firstSeen = new Map<number, number>();
  /** Spreads requests, because the tokens of all visitors expire in the same second. */
  const jitter = 1 - Math.random() / 2;
  let ahead = 0;
  let failures = 0;
  let notBefore = 0;
  let next = Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let page: string | undefined;
  let isLooking = false;

  const now = (): number => (Date.now() + ahead) / 1000;
  /** @returns 0 for a URL without a token, Infinity for a token without a readable expiry */
  const endOf = (url = ''): number => {
    try {
      return readEnd(url) || endOfOwn?.(url) || (url.search(token) < 0 ? 0 : Infinity);
    } catch {
      return 0; // a stranger may have typed the URL
    }
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

  const send = async (url: string, body?: string): Promise<XMLHttpRequest['response']> => {
    const answer = await request(url, signal, body);
    // A cache sends the date of its copy.
    const sent = Date.parse(answer.getResponseHeader('Date')!);
    ahead = sent + +answer.getResponseHeader('Age')! * 1000 - Date.now() || ahead;
    return answer.response;
  };

  async function look(): Promise<void> {
    // A stranger's `<img name="hidden">` shadows the property.
    if (document.hidden === true || signal.aborted) return;
    if (isLooking) return schedule(0);
    isLooking = true;
    next = Infinity;
    /** The URLs to request. */
    const wanted = new Set<string>();
    /** The reasons, as in `asked`, also for earlier requests. */
    const whys = new Set<string>();
    const places: Places = new Map();
    let last: Element | undefined;
    let count = 0;
    // A `Date` has whole seconds: a URL that was due before a response must also be due after it.
    const soon = now() + 1;
    await visitUrls(root, (url, element, kind) => {
      note(places, url, element, kind);
      const end = signal.aborted ? 0 : endOf(url);
      const [base] = folder.exec(formOf(url))!;
      // Browsers do not load links and data, whose URLs need not be images.
      const isLink = /^a | data-/.test(kind);
      if (!folders.has(base) && (!isLink || /^im/.test(kind))) {
        folders.add(base);
        // Look again at earlier links in this folder.
        schedule(0);
      }
      const state =
        end &&
        folders.has(base) &&
        (isLink ? waiting : stateOf(element, url, failed.has(element), end - now()));
      if (dueOf(end) > soon && state !== broken) schedule(dueOf(end));
      else if (state) {
        // The page may no longer have a URL that we wrote: a framework has restored the old one.
        const fresh = latest.get(url) ?? latest.get(formOf(url)) ?? url;
        const due = dueOf(endOf(fresh));
        const done = written.get(element) ?? '';
        // An endpoint elsewhere may give a `javascript:` URL.
        if (fresh !== url && due > soon && /^(?:https?:)?\//i.test(fresh)) {
          failures = 0;
          schedule(due);
          if (!done.includes(kind + fresh)) {
            // The URLs of an element are visited consecutively.
            written.set(element, (last === element ? done : '') + kind + fresh + state);
            last = element;
            failed.delete(element);
            count++;
            return fresh;
          }
        } else {
          // Do not request a replacement for a replacement that has failed, nor, with saveData, for images that have not.
          if (
            state === broken
              ? !done.includes(kind + url + state)
              : !(navigator as Saving).connection?.saveData
          ) {
            whys.add(url + fresh + state);
            if (!asked.has(url + fresh + state)) wanted.add(url);
          }
        }
      }
      return url;
    });
    if (count)
      EventTarget.prototype.dispatchEvent.call(
        document,
        new CustomEvent('imagesigner:renewed', { detail: { count } }),
      );
    if (wanted.size && next) {
      const here = location.href.split('#')[0]!;
      if (here !== page) notBefore = 0;
      page = here;
      if (now() >= notBefore) {
        let gap: number | undefined;
        // Do not request a page without tokens more often than one whose tokens live for minutes.
        let pause = renew || endpoint ? 1 : 10;
        try {
          if (renew) for (const [given, url] of await renew([...wanted])) latest.set(formOf(given), url);
          else if (endpoint) {
            const urls = [...wanted].sort((a, b) => b.length - a.length);
            while (urls.length) {
              // `signingEndpoint` accepts 100 URLs and 64 KB: with a long URL it would refuse all others in the request.
              const batch = urls.splice(0, Math.min(100, 21_000 / urls[0]!.length));
              const { urls: renewed } = await send(endpoint, JSON.stringify({ urls: batch }));
              for (const given in renewed) latest.set(formOf(given), renewed[given].url);
            }
          } else {
            const after: Places = new Map();
            await visitUrls(await send(here), (...found) => note(after, ...found));
            latest.clear();
            for (const [place, urls] of after)
              urls.forEach((url, index) => {
                const end = endOf(url);
                const shortest = marginOf(end);
                // A stranger's link may have expired, or expire soon.
                if (shortest >= 1) gap = Math.min(gap || shortest, shortest);
                const olds = places.get(place);
                const old = olds?.length === urls.length ? olds[index]! : '';
                if (!olds?.includes(url) && end > now()) {
                  latest.set(old, url);
                  // In other places the earliest expiry wins: a forged token cannot displace a real one for long.
                  if ((endOf(latest.get(formOf(url))) || Infinity) >= end) latest.set(formOf(url), url);
                }
              });
          }
          asked = whys;
          next = 0;
        } catch (status) {
          pause = 5;
          if ([0, 401, 403].includes(status as number)) {
            stop();
            EventTarget.prototype.dispatchEvent.call(
              document,
              new CustomEvent('imagesigner:stopped', { detail: { status } }),
            );
          }
        }
        // Wait longer each time, until an image has a new URL: if the visitor's clock is ahead, all new ones have expired.
        notBefore = now() + (gap || Math.min(pause * 2 ** failures++, longestTimer));
      }
      schedule(notBefore);
    }
    isLooking = false;
    schedule(next);
  }

  if (root) {
    const listener = ({ target }: Event): void => {
      failed.add(target!);
      schedule(0);
    };
    for (const [target, type] of [
      [root, 'error'],
      [document, 'visibilitychange'],
      [window, 'pageshow'],
    ] as const)
      EventTarget.prototype.addEventListener.call(target, type, listener, { capture: true, signal });
    if (observe)
      new MutationObserver((_, observer) => {
        if (signal.aborted) observer.disconnect();
        else schedule(0);
      }).observe(root, { childList: true, subtree: true });
    void look();
  }
  return { stop };
}
