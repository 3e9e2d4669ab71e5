/** Whether a server holds on to more at the end of a soak than in the middle of it; plain numbers in, sentences out. */
import type { Held } from './soak-holdings.ts';
import { median } from './statistics.ts';

/** A sample, and how many requests there had been by then. */
export interface Sample extends Held {
  readonly requests: number;
}

const mebibyte = 2 ** 20;

/**
 * After a full collection the heap comes back to within some hundred kilobytes, what is remembered of the steps in force
 * included: a leak of 250 bytes a request shows in the short form, with some 8,000 of them from median to median.
 */
export const heapBound: number = 2 * mebibyte;
/** Freed pages go back late, and V8's young generation comes and goes by semi-spaces of 16 MiB, whatever the app does. */
export const rssBound: number = 16 * mebibyte;
/**
 * In the first minute the memory outside V8's heap still grows with the load: zlib's, and the arenas that malloc keeps for
 * each thread (58 MiB once on Node.js 24, with a flat heap). So here it only has to stay bounded; the long soak is strict.
 */
export const shortRssBound: number = 128 * mebibyte;
/** An idle connection has one listener more or less, as its last response has ended. */
export const listenerBound = 2;
/** On one response, of all events: each is new, so this may not grow with its chunks. The site's own pipelines take 23. */
export const responseListenerBound = 40;

/**
 * The first third warms up; the medians of the second and of the last are compared, so that no single sample decides.
 * @returns what grew, in words; nothing where all is flat
 */
export function whatGrew(samples: readonly Sample[], mostRss: number = rssBound): string[] {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return ['nothing is known: three samples are needed at the least'];
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(-third)];
  const medianOf = (those: readonly Sample[], name: 'rss' | 'heap' | 'requests'): number =>
    median(those.map((each) => each[name]));
  const mostOf = (
    those: readonly Sample[],
    name: 'handles' | 'socketListeners' | 'responseListeners',
  ): number => Math.max(...those.map((each) => each[name]));

  const grew: string[] = [];
  const requests = medianOf(last, 'requests') - medianOf(middle, 'requests');
  for (const [name, bound] of [
    ['rss', mostRss],
    ['heap', heapBound],
  ] as const) {
    const growth = medianOf(last, name) - medianOf(middle, name);
    if (growth > bound)
      grew.push(
        `${name}: by ${(growth / mebibyte).toFixed(1)} MiB in ${requests} requests, ${(growth / requests).toFixed(0)} bytes each`,
      );
  }
  for (const [name, bound] of [
    ['handles', 0],
    ['socketListeners', listenerBound],
  ] as const) {
    const [before, after] = [mostOf(middle, name), mostOf(last, name)];
    if (after > before + bound) grew.push(`${name}: from ${before} to ${after} (${last.at(-1)?.kinds})`);
  }
  const responseListeners = mostOf(samples, 'responseListeners');
  if (responseListeners > responseListenerBound)
    grew.push(`responseListeners: ${responseListeners} on one response`);
  const left = samples.findLast(({ openResponses }) => openResponses > 0);
  if (left !== undefined) grew.push(`${left.openResponses} responses never closed`);
  return grew;
}
