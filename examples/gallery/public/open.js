/** Writes down what happens on the page that stays open. It changes nothing: what keeps the pictures is another script. */
const page = document.querySelector('[data-open]');
const log = document.querySelector('[data-log]');
const heading = document.querySelector('#record');
const countdown = document.querySelector('[data-countdown]');
const counts = { came: 0, asked: 0, renewed: 0 };
const longestLog = 60;

/** By the gallery's clock, in seconds. */
const now = () => Date.now() / 1000 + Number(page.dataset.offset);
const clockTime = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hourCycle: 'h23' });
const addresses = (count) => (count === 1 ? '1 address' : `${count} addresses`);

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

/** When an address ends; undefined for a preview, which has no token. */
function endOf(address) {
  const exp = /[?&]exp=(\d+)/.exec(address ?? '')?.[1];
  return exp === undefined ? undefined : Number(exp);
}

/** Of what is still to load: pictures further down, and what the links lead to. */
function firstEnd() {
  const waiting = Array.from(page.querySelectorAll('a'), (link) => link.href);
  for (const image of page.querySelectorAll('img')) if (!image.complete) waiting.push(image.src);
  return Math.min(...waiting.map(endOf).filter((end) => end !== undefined));
}

function inWords(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function showTime() {
  const left = Math.ceil(firstEnd() - now());
  heading.textContent = left > 0 ? 'The next addresses end in' : 'The addresses have ended';
  countdown.textContent = left > 0 ? inWords(left) : 'Over';
  countdown.parentElement.toggleAttribute('data-over', left <= 0);
}

/** On the second, so that no second is shown twice, or left out. */
function tick() {
  showTime();
  setTimeout(tick, 1000 - (Date.now() % 1000));
}

const titleOf = (image) => `“${image.closest('li').querySelector('strong').textContent}”`;

function pictureCame(image) {
  count('came');
  write(`${titleOf(image)} came.`);
}

write(`The page came. Its addresses end at ${clockTime(firstEnd())}.`);
for (const image of page.querySelectorAll('img'))
  if (image.complete && image.naturalWidth > 0) pictureCame(image);
// Neither event bubbles.
page.addEventListener('load', ({ target }) => pictureCame(target), true);
page.addEventListener(
  'error',
  ({ target }) => write(`${titleOf(target)} was refused: its address had ended.`, 'bad'),
  true,
);

document.addEventListener('imagesigner:renewed', ({ detail }) => {
  count('renewed', detail.count);
  write(`${addresses(detail.count)} replaced. The new ones end at ${clockTime(firstEnd())}.`, 'good');
  showTime();
});
document.addEventListener('imagesigner:stopped', ({ detail }) => {
  write(`Stopped: the page was answered with ${detail.status || 'a redirection'}.`, 'bad');
});
new PerformanceObserver((list) => {
  for (const { initiatorType, name } of list.getEntries()) {
    if (initiatorType !== 'xmlhttprequest' || name !== location.href.split('#')[0]) continue;
    count('asked');
    write('The script asked for this page again.');
  }
}).observe({ type: 'resource', buffered: true });

document.addEventListener('visibilitychange', () => write(document.hidden ? 'Hidden.' : 'Shown again.'));
addEventListener('pageshow', (event) => event.persisted && write('Back, out of the browser’s memory.'));
tick();
