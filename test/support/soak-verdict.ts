/** Whether a server holds on to more at the end of a soak than in the middle of it; plain numbers in, sentences out. */
import type { Held } from './soak-server.ts';
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
  const grew: string[] = [];
  const middleOf = (those: readonly Sample[], name: 'rss' | 'heap' | 'requests'): number =>
    median(those.map((each) => each[name]));
  const mostOf = (those: readonly Sample[], name: 'handles' | 'socketListeners' | 'responseListeners') =>
    Math.max(...those.map((each) => each[name]));
  const requests = middleOf(last, 'requests') - middleOf(middle, 'requests');
  const compare = (name: string, before: number, after: number, bound: number): void => {
    if (after > before + bound) grew.push(`${name}: from ${before} to ${after} in ${requests} requests`);
  };
  compare('rss', middleOf(middle, 'rss'), middleOf(last, 'rss'), mostRss);
  compare('heap', middleOf(middle, 'heap'), middleOf(last, 'heap'), heapBound);
  compare('handles', mostOf(middle, 'handles'), mostOf(last, 'handles'), 0);
  compare(
    'socketListeners',
    mostOf(middle, 'socketListeners'),
    mostOf(last, 'socketListeners'),
    listenerBound,
  );
  compare('responseListeners', 0, mostOf(samples, 'responseListeners'), responseListenerBound);
  compare('openResponses', 0, Math.max(...samples.map((each) => each.openResponses)), 0);
  return grew;
}
