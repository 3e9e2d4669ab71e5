/**
 * Runs in each page of the scenes before its own scripts: `visit` has the page's clock, which stands still until a scene moves
 * it, and notes what happens to the images. The rest of the page is the browser's own.
 * @param {{ clock?: number, savesData: boolean }} options - `clock` in milliseconds; without it time is real
 */
// biome-ignore lint/correctness/noUnusedVariables: it is sent to the browser as text.
function startVisit({ clock, savesData }) {
  const visit = {
    /** What the client has said. */
    renewed: [],
    stopped: [],
    /** Each attribute that a script has written, with the id of its element. */
    writes: [],
    /** What the policy of the page has forbidden. */
    violations: [],
    /** How much of the page has moved by itself. */
    shift: 0,
    /** Ids of images, once for each time that they were painted for the first time. */
    painted: [],
    errors: [],
    /** Whether the page has come back alive. */
    wasKept: false,
    /** A tab in front of this one. */
    front: undefined,
    /** How often a script has asked for something. */
    tries: 0,
  };
  Object.defineProperty(window, 'visit', { value: visit });

  document.addEventListener('imagesigner:renewed', ({ detail }) => visit.renewed.push(detail));
  document.addEventListener('imagesigner:stopped', ({ detail }) => visit.stopped.push(detail));
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    visit.violations.push(`${violatedDirective} ${blockedURI}`),
  );
  addEventListener('pageshow', ({ persisted }) => {
    visit.wasKept = persisted;
  });
  addEventListener('error', ({ message }) => message && visit.errors.push(message));
  addEventListener('unhandledrejection', ({ reason }) => visit.errors.push(String(reason)));
  new MutationObserver((records) => {
    for (const { target, attributeName } of records)
      visit.writes.push({
        id: target.id,
        attribute: attributeName,
        value: target.getAttribute(attributeName),
      });
  }).observe(document, { attributes: true, subtree: true });
  const observed = PerformanceObserver.supportedEntryTypes;
  const observe = (type, take) => {
    if (observed.includes(type))
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  };
  observe('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) visit.shift += value;
  });
  observe('element', ({ id }) => visit.painted.push(id));

  /** Requests of scripts that have no answer yet. */
  let pending = 0;
  const { fetch } = window;
  window.fetch = (...given) => {
    pending++;
    visit.tries++;
    return fetch(...given).finally(() => pending--);
  };
  const { send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.send = function (...given) {
    pending++;
    visit.tries++;
    this.addEventListener('loadend', () => pending--);
    return send.apply(this, given);
  };

  /** A turn of the event loop. Timers would be slow in a hidden tab. */
  const turn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(0);
    });
  visit.isIdle = async () => {
    for (let i = 0; i < 10; i++) await turn();
    return pending === 0;
  };

  // A page may have an image that is named like the method.
  const { querySelectorAll } = Document.prototype;
  const all = (selector) => querySelectorAll.call(document, selector);
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  /** Scrolls to each of the images, and waits until it has loaded or failed. */
  visit.scrollTo = async (selector) => {
    for (const image of all(selector)) {
      image.scrollIntoView({ block: 'center', behavior: 'instant' });
      await frame();
      await frame();
      // With `decoding=async` an image is painted later, and nothing here looks at that.
      await image.decode?.().catch(() => {});
    }
  };
  /** The ids of the images that show nothing. */
  visit.unseen = (selector) =>
    Array.from(all(selector))
      .filter(({ complete, naturalWidth }) => !complete || !naturalWidth)
      .map(({ id }) => id);

  let isHidden = false;
  /** For a browser that has no way to hide a tab. */
  visit.pretendHidden = (value) => {
    isHidden = value;
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => (isHidden ? 'hidden' : 'visible'),
    });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
    EventTarget.prototype.dispatchEvent.call(document, new Event('visibilitychange', { bubbles: true }));
  };
  if (savesData)
    Object.defineProperty(navigator, 'connection', {
      value: Object.assign(new EventTarget(), { saveData: true }),
    });

  if (clock === undefined) return;
  let now = clock;
  try {
    // The clock does not start again with the next page of the tab.
    now = Number(sessionStorage.getItem('clock') ?? clock);
  } catch {} // about:blank has no storage
  const begun = now;
  const timers = new Map();
  let last = 1_000_000_000;
  const RealDate = Date;
  window.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length === 0 ? [now] : given));
    }
    static now() {
      return now;
    }
  };
  // What the browser has noted of its requests is told by the same clock.
  const realNow = performance.now.bind(performance);
  const moves = [{ real: 0, moved: now }];
  performance.now = () => now - begun;
  Object.defineProperty(performance, 'timeOrigin', { value: begun });
  for (const name of ['getEntries', 'getEntriesByName', 'getEntriesByType']) {
    const real = performance[name].bind(performance);
    performance[name] = (...given) =>
      real(...given).map((entry) => {
        const { moved } = moves.findLast((move) => move.real <= entry.startTime);
        return { ...entry.toJSON(), startTime: moved - begun };
      });
  }
  const { clearTimeout } = window;
  window.setTimeout = (callback, delay = 0, ...given) => {
    last++;
    // As in browsers: a longer one ends at once.
    const wait = delay > 2 ** 31 - 1 ? 0 : Math.max(Number(delay) || 0, 0);
    timers.set(last, { at: now + wait, run: () => callback(...given) });
    return last;
  };
  window.clearTimeout = (id) => {
    if (!timers.delete(id)) clearTimeout(id);
  };
  const next = () =>
    [...timers].reduce((first, each) => (first && first[1].at <= each[1].at ? first : each), undefined);
  /** When the next timer ends; null without one. */
  visit.nextTimer = () => next()?.[1].at ?? null;
  /** Moves the clock, and runs what ends until then. */
  visit.moveTo = async (time) => {
    for (let first = next(); first && first[1].at <= time; first = next()) {
      const [id, { at, run }] = first;
      now = Math.max(now, at);
      timers.delete(id);
      run();
      await turn();
    }
    now = Math.max(now, time);
    moves.push({ real: realNow(), moved: now });
    sessionStorage.setItem('clock', String(now));
  };
}
