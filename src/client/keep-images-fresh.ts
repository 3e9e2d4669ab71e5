/**
 * When the images of an open page get new URLs, and which of them. Longer than most files: its parts share what is known of the
 * page, and each function that is called from another file costs visitors bytes.
 */
import { note, type Places, visitUrls } from './places.ts';
import { formOf, readEnd, token } from './tokens.ts';

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

/** The origin and the first segment of a URL. */
const folder = /^(?:.*?\/\/[^/]*)?\/?[^/?#]*/;

/** In seconds: the clock of a timer stands still while a laptop sleeps. */
const longestTimer = 300;

/** Shown or on its way, and so left alone; not asked for yet; failed. */
type ImageState = 0 | typeof waiting | typeof broken;
const waiting = 1;
const broken = 2;

/**
 * What the page knows of an image.
 * @param hasFailed - whether an `error` event has said so, for elements that do not keep it
 * @param left - for how many seconds the token is still valid; negative after its end
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
 * Asks for new URLs by `XMLHttpRequest`: it reads a page in its own encoding, and where Trusted Types forbid a parser.
 * @param url - of a page without fragment
 * @param body - JSON for an endpoint; without it a page is asked for
 * @throws the status of an answer without URLs, 0 if it comes from elsewhere, such as a login; an event if there is none
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
      const { status, response, responseURL } = request;
      // An error page of a proxy is no JSON either, and passes.
      if (body ? status === 200 && !response : responseURL !== url) reject(0);
      if (status === 200) resolve(request);
      reject(status);
    };
    // A redirection to another origin is an error like any other here, and to `fetch` it is not.
    request.onerror = () =>
      fetch(url, { redirect: 'manual', signal }).then(({ status }) => reject(status), reject);
    request.ontimeout = reject;
    request.send(body);
  });
}

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
  /** Where images of this page stand, or stood. */
  const folders = new Set<string>();
  /** The latest URL of each image, by the form of those that it replaces, or by the one whose place it has. */
  const latest = new Map<string, string>();
  /** For what a new URL was asked, of what the page holds: the one that stands there, the latest of its image, and its state. */
  let asked = new Set<string>();
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
    try {
      return readEnd(url) || endOfOwn?.(url) || (url.search(token) < 0 ? 0 : Infinity);
    } catch {
      return 0; // for what a stranger has typed
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
    // A stranger's `<img name="hidden">` stands before the property.
    if (document.hidden === true || signal.aborted) return;
    if (isLooking) return schedule(0);
    isLooking = true;
    next = Infinity;
    /** What to ask for. */
    const wanted = new Set<string>();
    /** Why, also for what was asked before. */
    const whys = new Set<string>();
    const places: Places = new Map();
    let last: Element | undefined;
    let count = 0;
    // A `Date` has whole seconds: what was due before an answer is due after it.
    const soon = now() + 1;
    await visitUrls(root, (url, element, kind) => {
      note(places, url, element, kind);
      const end = signal.aborted ? 0 : endOf(url);
      const [base] = folder.exec(formOf(url))!;
      // Nothing is fetched for links and data, and they may have URLs of what is no image.
      const isLink = /^a | data-/.test(kind);
      if (!folders.has(base) && (!isLink || /^im/.test(kind))) {
        folders.add(base);
        // Links before it count now.
        schedule(0);
      }
      const state =
        end &&
        folders.has(base) &&
        (isLink ? waiting : stateOf(element, url, failed.has(element), end - now()));
      if (dueOf(end) > soon && state !== broken) schedule(dueOf(end));
      else if (state) {
        // After one that the page does not have any more: a framework has put the old one back.
        const fresh = latest.get(url) ?? latest.get(formOf(url)) ?? url;
        const due = dueOf(endOf(fresh));
        const done = written.get(element) ?? '';
        if (fresh !== url && due > soon) {
          schedule(due);
          if (!done.includes(kind + fresh)) {
            // The URLs of an element are visited one after another.
            written.set(element, (last === element ? done : '') + kind + fresh + state);
            last = element;
            failed.delete(element);
            count++;
            return fresh;
          }
        } else {
          // One that was written for another that had failed is not asked for; nor is any that has not, to save data.
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
      if (now() >= notBefore)
        try {
          let gap = renew || endpoint ? 1 : 0;
          if (renew) for (const [given, url] of await renew([...wanted])) latest.set(formOf(given), url);
          else if (endpoint) {
            const urls = [...wanted].sort((a, b) => b.length - a.length);
            while (urls.length) {
              // `signingEndpoint` takes 100 URLs and 64 KB: of a URL that is too long it would refuse those beside it.
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
                // A stranger's link may have ended, or be about to.
                if (shortest >= 1) gap = Math.min(gap || shortest, shortest);
                const olds = places.get(place);
                const old = olds?.length === urls.length ? olds[index]! : '';
                if (!olds?.includes(url) && end > now()) {
                  latest.set(old, url);
                  // Elsewhere the nearest end counts: of a signature that nobody has made it is soon over.
                  if ((endOf(latest.get(formOf(url))) || Infinity) >= end) latest.set(formOf(url), url);
                }
              });
          }
          failures = 0;
          // A page without tokens of its own is asked no more often than one whose tokens live for minutes.
          notBefore = now() + (gap || 10);
          asked = whys;
          next = 0;
        } catch (status) {
          notBefore = now() + Math.min(5 * 2 ** failures++, longestTimer);
          if ([0, 401, 403].includes(status as number)) {
            stop();
            EventTarget.prototype.dispatchEvent.call(
              document,
              new CustomEvent('imagesigner:stopped', { detail: { status } }),
            );
          }
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
