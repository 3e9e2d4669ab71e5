/**
 * The last byte arrives: whatever neighbours do to a response, in whatever order with ours, the page is the one that
 * they make with its URLs signed, body and length agree, tags are bound, and no cache keeps it for too long. A case that
 * shows a fault is made smaller, and printed.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runs } from '../../support/seed.ts';
import { type NeighbourArena, openNeighbourArena } from './arena.ts';
import { type Neighbour, type NeighbourCase, neighbourCase } from './neighbour-case.ts';

const cases = runs(0.5);
let arena: NeighbourArena;
beforeAll(async () => {
  arena = await openNeighbourArena();
});
afterAll(() => arena.close());

test(`${cases} random neighbours, orders and ways to send`, { timeout: 600_000 }, async () => {
  let skipped = 0;
  const property = fc.asyncProperty(neighbourCase, async (given) => {
    const fault = await arena.faultOf(given);
    if (fault === 'skipped') skipped++;
    else expect(fault).toBeUndefined();
  });
  await fc.assert(property, { numRuns: cases });
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
const [again, defer, callingBack]: Neighbour[] = [
  { kind: 'again' },
  { kind: 'defer' },
  { kind: 'call back' },
];
const lateTag: Neighbour = { kind: 'listen', field: ['ETag', '"late"'] };
const head = (length: 'none' | 'set' | 'given'): Neighbour => ({ kind: 'head', length });
const isGiven = { server: 'node:http', isHead: false, accept: 'text/html', isPersonal: false } as const;

type Row = [
  title: string,
  order: NeighbourCase['order'],
  way: NeighbourCase['way'],
  more?: Partial<NeighbourCase>,
];
const open = { page: 'open' } as const;
const ownClass = { server: 'node:http with its own class' } as const;

test.each<Row>([
  ['a neighbour after us gives a page that it has changed its length', ['ours', injector], 'end'],
  ['and so does one before us', [injector, 'ours'], 'end'],
  ['a cache before us keeps the tag as it goes out', [cache, 'ours'], 'end with a length'],
  ['a tag of 304 is bound where a neighbour takes our methods off', [restorer('end'), 'ours'], 'end'],
  ['methods that are taken off at the first chunk', [restorer('write'), 'ours'], 'writes', open],
  ['methods that are taken off at the head', ['ours', restorer('writeHead')], 'writeHead, end'],
  [
    'of which one can be told from a stranger',
    ['ours', head('given'), restorer('writeHead')],
    'flushHeaders, writes',
    open,
  ],
  ['and below us', [restorer('writeHead'), 'ours'], 'writeHead, end'],
  ['a neighbour that calls the response itself', ['ours', again!], 'writes', open],
  ['one before us that calls back at once', [callingBack!, 'ours'], 'writes, each after the last', open],
  [
    'and under a neighbour that takes our methods off before that',
    [callingBack!, restorer('write'), 'ours'],
    'writes, each after the last',
  ],
  ['responses of a class that sends the head by itself', ['ours'], 'end with a length', ownClass],
  ['a length that no header shows', ['ours'], 'hidden length, end'],
  ['before the first chunk', ['ours'], 'hidden length, write'],
  ['and under a neighbour that keeps the head back', ['ours', defer!], 'hidden length, end'],
  ['a head that is kept back with its old length', [defer!, 'ours'], 'writeHead with a length, end'],
  ['and after us', ['ours', defer!], 'writeHead with a length, end'],
  [
    'a length that a neighbour after us gives while the head is kept back',
    [defer!, 'ours', head('set')],
    'end',
  ],
  ['and of a page in parts', [defer!, 'ours', head('set')], 'writes'],
  [
    'and between us and the one that keeps it back',
    [defer!, head('set'), 'ours'],
    'sendFile',
    { server: 'Express 5' },
  ],
  ['a tag that is set while the head is kept back', [lateTag, defer!, head('none'), 'ours'], 'end'],
])('%s', async (_title, order, way, more) => {
  expect(await arena.faultOf({ ...isGiven, page: 'images', order, way, ...more })).toBeUndefined();
});
