/**
 * Requests one URL and forged versions of it, and counts down to its expiry. Without this script the page still
 * shows the URL and moves the clock.
 */
const page = document.querySelector('[data-anatomy]');
const { url, expiredUrl, otherVariant, expires } = page.dataset;
/** How far the gallery's clock is ahead of the browser's, in milliseconds, in any time zone. */
let ahead = Number(page.dataset.now) - Date.now();
let offset = Number(page.dataset.offset);
let wasAlive = true;

const galleryNow = () => Date.now() + ahead;
const secondsLeft = () => Number(expires) - Math.floor(galleryNow() / 1000);

/** The same URL with another variant. */
function inVariant(url, variant) {
  const [path, query] = url.split('?');
  const other = `${path.slice(0, path.lastIndexOf('/') + 1)}${variant}`;
  return query === undefined ? other : `${other}?${query}`;
}

function withChangedSignature(url) {
  const last = url.at(-1);
  return url.slice(0, -1) + (last === '0' ? '1' : '0');
}

const forgeries = {
  'as-sent': () => url,
  'no-token': () => url.split('?')[0],
  'other-variant': () => inVariant(url, otherVariant),
  'changed-sig': () => withChangedSignature(url),
  expired: () => expiredUrl,
  hidden: () => inVariant(url, otherVariant),
};

/** The status. If another origin hides it from scripts: whether the URL loads as a picture. */
async function ask(url) {
  try {
    const response = await fetch(url, { cache: 'no-store', credentials: 'omit' });
    await response.body?.cancel();
    return { isPicture: response.ok, text: `${response.status} ${response.ok ? 'OK' : 'Forbidden'}` };
  } catch {
    const image = new Image();
    image.src = url;
    const isPicture = await image.decode().then(
      () => true,
      () => false,
    );
    return { isPicture, text: isPicture ? 'loads' : 'does not load' };
  }
}

async function probe(item) {
  const output = item.querySelector('output');
  output.textContent = 'requesting …';
  item.dataset.state = 'asking';
  const { isPicture, text } = await ask(forgeries[item.dataset.probe]());
  output.textContent = text;
  item.dataset.state = isPicture ? 'shown' : 'refused';
}

async function probeAll() {
  const list = document.querySelector('[data-probes]');
  list.dataset.settled = 'no';
  await Promise.all(Array.from(list.querySelectorAll('[data-probe]'), probe));
  list.dataset.settled = 'yes';
}

function inWords(seconds) {
  const two = (number) => String(number).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function showTime() {
  const time = document.querySelector('[data-clock-time]');
  if (time !== null)
    time.textContent = new Date(galleryNow()).toLocaleString([], {
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
  if (expires === undefined) return;
  const left = secondsLeft();
  document.querySelector('[data-countdown]').textContent = left > 0 ? inWords(left) : 'Expired';
  document.querySelector('[data-life]').value = Math.max(0, left);
  if (wasAlive && left <= 0) end();
}

/** The URL has just expired: request it again, so that the delivery itself says so. */
function end() {
  wasAlive = false;
  page.dataset.over = '';
  document.querySelector('[data-expiry-note]').textContent =
    'The URL has expired. The picture above is the copy in your browser.';
  const first = document.querySelector('[data-probe="as-sent"]');
  first.querySelector('.note').textContent = 'As this page has it, unchanged, but expired.';
  document.querySelector('[data-renew]').hidden = false;
  probeAll();
}

/** Moves the clock without leaving the page, so that the visitor sees this URL expire. */
async function moveClock(event) {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  const response = await fetch(event.target.action, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'manual', // it redirects to this page
  });
  if (response.type !== 'opaqueredirect') return location.reload();
  const moved = Number(form.get('offset'));
  ahead += (moved - offset) * 1000;
  offset = moved;
  for (const button of event.target.querySelectorAll('[data-step]'))
    button.value = offset + Number(button.dataset.step);
  if (expires !== undefined && secondsLeft() > 0 && !wasAlive) return location.reload();
  showTime();
}

/** Runs on every full second, so that the countdown neither skips nor repeats one. */
function tick() {
  showTime();
  setTimeout(tick, 1000 - (galleryNow() % 1000));
}

document.querySelector('[data-clock]')?.addEventListener('submit', moveClock);
const again = document.querySelector('[data-ask-again]');
again.hidden = false;
again.addEventListener('click', probeAll);
// A page from the back/forward cache has an old URL and an old clock.
addEventListener('pageshow', (event) => event.persisted && location.reload());
for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}
tick();
probeAll();
