/**
 * What the client costs a page of 10,000 lazy images (`IMAGES`) in Chromium, while all of them get new URLs: the tasks in
 * which it runs, as the browser's own trace has them.
 */
import { launchChromium } from '../support/chromium.ts';
import { lazyTag, pageOf } from '../support/open-page/scene.ts';
import { openSite } from '../support/open-page/site.ts';
import { quantile } from '../support/statistics.ts';
import { print } from './rounds.ts';

const count = Number(process.env['IMAGES'] ?? 10_000);

/** An entry of the trace; times in microseconds, `tdur` of the thread's own. */
interface Entry {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly data?: { readonly url?: string } };
}

const site = await openSite({
  ttl: 10,
  now: Date.now,
  routes: (urlOf) => {
    const images = Array.from({ length: count }, (_, i) => lazyTag(urlOf, `image-${i}`));
    return { '/': pageOf(`<div class="far"></div>${images.join('')}`) };
  },
});
const browser = await launchChromium();
const page = await browser.newPage();
await page.goto(site.address);
await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel'] });
// Three renewals: each has a pass that finds what to ask for, and one that writes.
await page.evaluate(`new Promise((resolve) => {
  let left = 3;
  document.addEventListener('imagesigner:renewed', () => --left || resolve());
})`);
const trace = JSON.parse(String(await browser.stopTracing())) as { readonly traceEvents: readonly Entry[] };
await browser.close();
await site.close();

const main = trace.traceEvents.find(
  ({ name, args }) => name === 'FunctionCall' && args.data?.url?.endsWith('/client.global.js'),
)!;
const onMain = trace.traceEvents.filter(({ pid, tid, dur }) => pid === main.pid && tid === main.tid && dur);
/** Tasks of the page's thread in which one of these happens, in milliseconds. */
function row(title: string, names: RegExp): string[] {
  const meant = onMain.filter(({ name }) => names.test(name));
  const tasks = onMain
    .filter(({ name }) => /^(?:ThreadControllerImpl::)?RunTask$/.test(name))
    .filter(({ ts, dur = 0 }) => meant.some((entry) => entry.ts >= ts && entry.ts < ts + dur))
    .map(({ dur = 0, tdur = dur }) => tdur / 1000);
  const sum = tasks.reduce((total, each) => total + each, 0);
  const [late, longest] = [0.99, 1].map((share) => quantile(tasks, share).toFixed(1)) as [string, string];
  return [title, String(tasks.length), sum.toFixed(0), late, longest];
}
print(`${count} lazy images, renewed three times`, [
  ['tasks', 'number', 'ms in all', '99th percentile', 'longest, ms'],
  row('looks at the images, writes URLs', /^TimerFire$/),
  row('reads the page that came', /^(?:XHRReadyStateChange|XHRLoad|ParseHTML)$/),
]);
