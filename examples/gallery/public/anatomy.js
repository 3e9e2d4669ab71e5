/**
 * Asks the delivery about one address and its forgeries, and counts down to its expiry. Without it the page still
 * shows the address and moves the clock.
 */
const page = document.querySelector('[data-anatomy]');
const { url, expiredUrl, otherVariant, expires } = page.dataset;
/** By how much the gallery's clock is ahead of this browser's, in milliseconds; whatever the time zone. */
let ahead = Number(page.dataset.now) - Date.now();
let offset = Number(page.dataset.offset);
let wasAlive = true;

const galleryNow = () => Date.now() + ahead;
const secondsLeft = () => Number(expires) - Math.floor(galleryNow() / 1000);

/** The same address in another variant. */
function inVariant(address, variant) {
  const [path, query] = address.split('?');
  const other = `${path.slice(0, path.lastIndexOf('/') + 1)}${variant}`;
  return query === undefined ? other : `${other}?${query}`;
}

function withChangedSignature(address) {
  const last = address.at(-1);
  return address.slice(0, -1) + (last === '0' ? '1' : '0');
}

const addresses = {
  'as-sent': () => url,
  'no-token': () => url.split('?')[0],
  'other-variant': () => inVariant(url, otherVariant),
  'changed-sig': () => withChangedSignature(url),
  expired: () => expiredUrl,
  hidden: () => inVariant(url, otherVariant),
};

/** The status, or, where another origin does not let scripts read it, whether it is a picture. */
async function ask(address) {
  try {
    const response = await fetch(address, { cache: 'no-store', credentials: 'omit' });
    await response.body?.cancel();
    return { isPicture: response.ok, text: `${response.status} ${response.ok ? 'OK' : 'Forbidden'}` };
  } catch {
    const image = new Image();
    image.src = address;
    const isPicture = await image.decode().then(
      () => true,
      () => false,
    );
    return { isPicture, text: isPicture ? 'a picture' : 'no picture' };
  }
}

async function probe(item) {
  const output = item.querySelector('output');
  output.textContent = 'asking …';
  item.dataset.state = 'asking';
  const { isPicture, text } = await ask(addresses[item.dataset.probe]());
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
  document.querySelector('[data-countdown]').textContent = left > 0 ? inWords(left) : 'Over';
  document.querySelector('[data-life]').value = Math.max(0, left);
  if (wasAlive && left <= 0) end();
}

/** The delivery is asked once more, and says so itself. */
function end() {
  wasAlive = false;
  page.dataset.over = '';
  document.querySelector('[data-loan-note]').textContent =
    'The loan is over. The picture that you see is your browser’s copy; the address no longer opens it.';
  const first = document.querySelector('[data-probe="as-sent"]');
  first.querySelector('.note').textContent = 'The address on this page, unchanged, but its time is over.';
  document.querySelector('[data-renew]').hidden = false;
  probeAll();
}

/** Moves the clock and stays on the page, so that this address is seen to end. */
async function moveClock(event) {
  event.preventDefault();
  const form = new FormData(event.target, event.submitter);
  const response = await fetch(event.target.action, {
    method: 'POST',
    body: new URLSearchParams(form),
    redirect: 'manual', // the page that it leads to is this one
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

/** On the second, so that no second is shown twice, or left out. */
function tick() {
  showTime();
  setTimeout(tick, 1000 - (galleryNow() % 1000));
}

document.querySelector('[data-clock]')?.addEventListener('submit', moveClock);
const again = document.querySelector('[data-ask-again]');
again.hidden = false;
again.addEventListener('click', probeAll);
// A page that comes back out of the browser's memory shows an old address, and has an old idea of the clock.
addEventListener('pageshow', (event) => event.persisted && location.reload());
for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dateTime).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
}
tick();
probeAll();
