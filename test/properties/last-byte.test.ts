/**
 * The last byte arrives: whatever neighbours do to a response, in whatever order with ours, the page is the one that
 * they make with its URLs signed, body and length agree, tags are bound, and no cache keeps it for too long. A case that
 * shows a fault is made smaller, and printed.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdNeighbours } from '../support/hold-neighbours.ts';
import { NeighbourArena } from '../support/neighbour-arena.ts';
import type { Neighbour, NeighbourCase } from '../support/neighbour-case.ts';
import { atLength, seed } from '../support/seed.ts';

const cases = atLength(500);
const arena = new NeighbourArena();
beforeAll(() => arena.listen());
afterAll(() => arena.close());

test(`${cases} random neighbours, orders and ways to send`, { timeout: 600_000 }, async () => {
  const { fault, skipped } = await holdNeighbours(arena, seed, cases);
  expect(fault).toBeUndefined();
  expect(skipped).toBeLessThan(Math.max(20, cases / 10));
});

const injector: Neighbour = {
  kind: 'inject',
  head: 'strips',
  length: 'set',
  restores: false,
  isLate: false,
};
const restorer = (at: 'writeHead' | 'write' | 'end'): Neighbour => ({ kind: 'restore', at });
const cache: Neighbour = { kind: 'cache', reads: 'end', replays: 'writeHead' };
const isGiven = {
  server: 'node:http',
  isHead: false,
  accept: 'text/html',
  isPersonal: false,
  page: 'images',
} as const;

test.each<[title: string, given: Partial<NeighbourCase> & Pick<NeighbourCase, 'order' | 'way'>]>([
  [
    'a neighbour after us gives a page that it has changed its length',
    { order: ['ours', injector], way: 'end' },
  ],
  ['and so does one before us', { order: [injector, 'ours'], way: 'end' }],
  ['a cache before us keeps the tag as it goes out', { order: [cache, 'ours'], way: 'end with a length' }],
  [
    'a tag of 304 is bound where a neighbour takes our methods off',
    { order: [restorer('end'), 'ours'], way: 'end' },
  ],
  [
    'methods that are taken off at the first chunk',
    { order: [restorer('write'), 'ours'], way: 'writes', page: 'open' },
  ],
  [
    'methods that are taken off at the head',
    { order: ['ours', restorer('writeHead')], way: 'writeHead, end' },
  ],
  [
    'of which one can be told from a stranger',
    {
      order: ['ours', { kind: 'head', length: 'given' }, restorer('writeHead')],
      way: 'flushHeaders, writes',
      page: 'open',
    },
  ],
  ['and below us', { order: [restorer('writeHead'), 'ours'], way: 'writeHead, end' }],
  [
    'a neighbour that calls the response itself',
    { order: ['ours', { kind: 'again' }], way: 'writes', page: 'open' },
  ],
  [
    'a neighbour before us that calls back before it returns',
    { order: [{ kind: 'call back' }, 'ours'], way: 'writes, each after the last', page: 'open' },
  ],
  [
    'and under a neighbour that takes our methods off before that',
    { order: [{ kind: 'call back' }, restorer('write'), 'ours'], way: 'writes, each after the last' },
  ],
  [
    'responses of a class that sends the head by itself',
    { server: 'node:http with its own class', order: ['ours'], way: 'end with a length' },
  ],
  ['a length that no header shows', { order: ['ours'], way: 'hidden length, end' }],
  ['before the first chunk', { order: ['ours'], way: 'hidden length, write' }],
  [
    'and under a neighbour that keeps the head back',
    { order: ['ours', { kind: 'defer' }], way: 'hidden length, end' },
  ],
  [
    'a head that is kept back with its old length',
    { order: [{ kind: 'defer' }, 'ours'], way: 'writeHead with a length, end' },
  ],
  ['and after us', { order: ['ours', { kind: 'defer' }], way: 'writeHead with a length, end' }],
  [
    'a tag that is set while a neighbour keeps the head back',
    {
      order: [
        { kind: 'listen', field: ['ETag', '"late"'] },
        { kind: 'defer' },
        { kind: 'head', length: 'none' },
        'ours',
      ],
      way: 'end',
    },
  ],
])('%s', async (_title, given) => {
  expect(await arena.faultOf({ ...isGiven, ...given })).toBeUndefined();
});
