/** Says what the open page waits for, and logs what happens. Another script renews the URLs: this one only watches. */
const page = document.querySelector('[data-open]');
const log = document.querySelector('[data-log]');
const heading = document.querySelector('#record');
const countdown = document.querySelector('[data-countdown]');
const counts = { loaded: 0, asked: 0, renewed: 0 };
const longestLog = 60;

/** By the gallery's clock, in seconds. */
const now = () => Date.now() / 1000 + Number(page.dataset.offset);
const clockTime = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hourCycle: 'h23' });
const some = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

function write(text, kind = '') {
  const line = document.createElement('p');
  line.className = 'entry';
  const time = document.createElement('time');
  time.textContent = clockTime(now());
  const what = document.createElement('span');
  what.textContent = text;
  what.className = kind;
  line.append(time, what);
  log.append(line);
  if (log.children.length > longestLog) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}

function count(name, more = 1) {
  counts[name] += more;
  document.querySelector(`[data-count=${name}]`).textContent = counts[name];
}

/** When a URL expires; undefined for a preview, which has no token. */
function expiryOf(url) {
  const exp = /[?&]exp=(\d+)/.exec(url ?? '')?.[1];
  return exp === undefined ? undefined : Number(exp);
}

/** The first expiry among the URLs that are still to load: pictures further down, and links. */
function firstExpiry() {
  const waiting = Array.from(page.querySelectorAll('a'), (link) => link.href);
  for (const image of page.querySelectorAll('img')) if (!image.complete) waiting.push(image.src);
  return Math.min(...waiting.map(expiryOf).filter((expiry) => expiry !== undefined));
}

function inWords(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function showTime() {
  const left = Math.ceil(firstExpiry() - now());
  heading.textContent = left > 0 ? 'These URLs expire in' : 'These URLs have';
  countdown.textContent = left > 0 ? inWords(left) : 'Expired';
  countdown.parentElement.toggleAttribute('data-over', left <= 0);
  showPlan(left <= 0);
}

function showPlan(isOver) {
  const images = Array.from(page.querySelectorAll('img'));
  const complete = images.filter((image) => image.complete);
  const failed = complete.filter((image) => image.naturalWidth === 0).length;
  const loaded = complete.length - failed;
  const rest = complete.length < images.length ? ' The others load when you scroll to them.' : '';
  plan(
    'now',
    `${loaded} of ${some(images.length, 'picture')} loaded${failed > 0 ? `, ${failed} failed` : ''}.${rest}`,
  );
  const expiry = firstExpiry();
  if ('hasScript' in page.dataset) {
    // Its margin for tokens of a minute is 5 to 10 seconds.
    const due = `between ${clockTime(expiry - 10)} and ${clockTime(expiry - 5)}`;
    plan('next', `The script fetches new URLs ${isOver ? 'now, or once a picture is refused' : due}.`);
  } else {
    plan(
      'next',
      isOver ? 'Nothing. No script fetches new URLs.' : `The URLs expire at ${clockTime(expiry)}.`,
    );
    const late =
      loaded < images.length ? 'Broken pictures further down.' : 'All pictures: they loaded in time.';
    plan('seen', isOver ? `${late} Reload for new URLs.` : 'Every picture that you scroll to before then.');
  }
}

function plan(name, text) {
  const place = document.querySelector(`[data-plan=${name}]`);
  if (place.textContent !== text) place.textContent = text;
}

/** Runs on every full second, so that the countdown neither skips nor repeats one. */
function tick() {
  showTime();
  setTimeout(tick, 1000 - (Date.now() % 1000));
}

const titleOf = (image) => `“${image.closest('li').querySelector('strong').textContent}”`;

function pictureLoaded(image) {
  count('loaded');
  write(`${titleOf(image)} loaded.`);
  showTime();
}

write(`The page loaded. Its URLs expire at ${clockTime(firstExpiry())}.`);
for (const image of page.querySelectorAll('img'))
  if (image.complete && image.naturalWidth > 0) pictureLoaded(image);
// Neither event bubbles.
page.addEventListener('load', ({ target }) => pictureLoaded(target), true);
page.addEventListener(
  'error',
  ({ target }) => write(`${titleOf(target)} was refused: its URL had expired.`, 'bad'),
  true,
);

document.addEventListener('imagesigner:renewed', ({ detail }) => {
  count('renewed', detail.count);
  write(`${some(detail.count, 'URL')} replaced. The new ones expire at ${clockTime(firstExpiry())}.`, 'good');
  showTime();
});
document.addEventListener('imagesigner:stopped', ({ detail }) => {
  write(`Stopped: the request for the page got ${detail.status || 'a redirect'}.`, 'bad');
});
new PerformanceObserver((list) => {
  for (const { initiatorType, name } of list.getEntries()) {
    if (initiatorType !== 'xmlhttprequest' || name !== location.href.split('#')[0]) continue;
    count('asked');
    write('The script fetched this page for new URLs.');
  }
}).observe({ type: 'resource', buffered: true });

document.addEventListener('visibilitychange', () =>
  write(document.hidden ? 'The tab is hidden.' : 'The tab is visible again.'),
);
addEventListener(
  'pageshow',
  (event) => event.persisted && write('Back, from the browser’s back/forward cache.'),
);
tick();
