/**
 * `npm run bench:client`: what the client costs a page of 10,000 lazy images (`IMAGES`) in Chromium, while all of them get
 * new URLs: the tasks in which it runs, as the browser's own trace has them, and the bytes that a page loads for it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { builtFolder } from '../support/built-package.ts';
import { launchChromium } from '../support/chromium.ts';
import { lazyTag, pageOf } from '../support/open-page/scene.ts';
import { openSite } from '../support/open-page/site.ts';
import { table } from './rounds.ts';

const count = Number(process.env['IMAGES'] ?? 10_000);
/** In milliseconds, for each task. */
const goal = 8;

/** An entry of the trace; times in microseconds, `tdur` of the thread's own. */
interface Entry {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly data?: { readonly url?: string; readonly type?: string } };
}

const site = await openSite({
  ttl: 10,
  now: Date.now,
  routes: (urlOf) => ({
    '/': pageOf(
      `<div class="far"></div>${Array.from({ length: count }, (_, i) => lazyTag(urlOf, `image-${i}`)).join('')}`,
    ),
  }),
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
const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as {
  readonly traceEvents: readonly Entry[];
};
await browser.close();
await site.close();

const inClient = traceEvents.filter(
  ({ name, args }) => name === 'FunctionCall' && args.data?.url?.endsWith('/client.global.js'),
);
const main = inClient[0]!;
const onMain = traceEvents.filter(({ pid, tid, dur }) => pid === main.pid && tid === main.tid && dur);
/** Tasks of the page's thread in which one of these happens. */
function tasksWith(isMeant: (entry: Entry) => boolean): number[] {
  const meant = onMain.filter(isMeant);
  return onMain
    .filter(({ name }) => name === 'ThreadControllerImpl::RunTask' || name === 'RunTask')
    .filter(({ ts, dur = 0 }) => meant.some((entry) => entry.ts >= ts && entry.ts < ts + dur))
    .map(({ dur = 0, tdur = dur }) => tdur / 1000)
    .sort((a, b) => a - b);
}
const looks = tasksWith(({ name }) => name === 'TimerFire');
const reads = tasksWith(
  ({ name }) => name === 'XHRReadyStateChange' || name === 'XHRLoad' || name === 'ParseHTML',
);
const row = (name: string, tasks: readonly number[]): string[] => [
  name,
  String(tasks.length),
  tasks.reduce((sum, each) => sum + each, 0).toFixed(0),
  (tasks[Math.floor(tasks.length * 0.99)] ?? 0).toFixed(1),
  (tasks.at(-1) ?? 0).toFixed(1),
];
const bytes = gzipSync(readFileSync(join(builtFolder, 'client.global.js')), { level: 9 }).length;
console.log(`${count} lazy images, renewed three times; client.global.js: ${bytes} bytes in gzip\n`);
console.log(
  table([
    ['tasks', 'number', 'ms in all', '99th percentile', 'longest, ms'],
    row('looks at the images, writes URLs', looks),
    row('reads the page that came', reads),
  ]),
);
console.log(`\ngoal: ${goal} ms at most for a task of the client`);
