/** A soak, against the package as it is built; and that its verdict is one. */
import { describe, expect, test } from 'vitest';
import { seed } from '../../support/seed.ts';
import {
  heapBound,
  listenerBound,
  responseListenerBound,
  rssBound,
  type Sample,
  soak,
  whatGrew,
} from './soak.ts';

/** `SECONDS` of ten minutes find what grows slowly. */
const seconds = Number(process.env['SECONDS'] ?? 20);

test(
  'a server under mixed load, three in ten requests broken off, holds on to nothing',
  async () => {
    const { counts, problems } = await soak({ seconds, seed, samples: 15 });
    expect(problems).toEqual([]);
    expect(counts.heads).toBeGreaterThan(0);
    expect(counts.notModified).toBeGreaterThan(0);
    expect(counts.aborted).toBeGreaterThan(counts.requests / 4);
  },
  (seconds + 160) * 1_000,
);

describe('the verdict', () => {
  const flat: Sample = {
    requests: 0,
    rss: 2 ** 27,
    heap: 2 ** 25,
    handles: 3,
    socketListeners: 10,
    responseListeners: 8,
    openResponses: 0,
  };
  const series = (change: (index: number) => Partial<Sample>): Sample[] =>
    Array.from({ length: 15 }, (_, index) => ({ ...flat, requests: 1_000 * index, ...change(index) }));

  test('is nothing where all is flat after the warm-up, whatever one sample says', () => {
    expect(whatGrew(series(() => ({})))).toEqual([]);
    expect(whatGrew(series((index) => (index < 5 ? { rss: 2 ** 20, heap: 2 ** 20 } : {})))).toEqual([]);
    expect(whatGrew(series((index) => (index === 14 ? { rss: 2 ** 30, heap: 2 ** 30 } : {})))).toEqual([]);
  });

  test.each<[name: string, change: (index: number) => Partial<Sample>]>([
    ['rss', (index) => ({ rss: flat.rss + (index * (rssBound + 1)) / 5 })],
    ['heap', (index) => ({ heap: flat.heap + (index * (heapBound + 1)) / 5 })],
    ['handles', (index) => ({ handles: 3 + Math.floor(index / 5) })],
    ['socketListeners', (index) => ({ socketListeners: 10 + listenerBound * index })],
    ['responseListeners', (index) => ({ responseListeners: index === 3 ? responseListenerBound + 1 : 10 })],
    ['openResponses', (index) => ({ openResponses: index === 3 ? 2 : 0 })],
  ])('names what grew: %s', (name, change) => {
    const grew = whatGrew(series(change));
    expect(grew).toHaveLength(1);
    expect(grew[0]).toContain(name);
  });

  test('is not "flat" where there are too few samples', () => {
    expect(whatGrew([flat, flat])).toHaveLength(1);
  });
});
