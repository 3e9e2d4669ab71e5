/** Random neighbours around the middleware, and ways to send a page through them, as plain values. */

import { pickFrom, randomFrom } from '../../support/generators/random.ts';
import type { NeighbourArena } from './arena.ts';

const atOnce = 16;

interface Held {
  /** How many were left out, since the neighbours do not get along without us. */
  readonly skipped: number;
  /** The first fault, and what shows it. */
  readonly fault: string | undefined;
}

export async function holdNeighbours(arena: NeighbourArena, from: number, count: number): Promise<Held> {
  let next = 0;
  let skipped = 0;
  let found: { readonly given: NeighbourCase; readonly seed: number } | undefined;
  const run = async (): Promise<void> => {
    while (next < count && found === undefined) {
      const seed = from + next++;
      const given = randomNeighbourCase(seed);
      const fault = await faultIn(arena, given);
      if (fault === 'skipped') skipped++;
      else if (fault !== undefined) found ??= { given, seed };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  if (found === undefined) return { skipped, fault: undefined };
  const small = await smallest(arena, found.given);
  return { skipped, fault: `SEED=${found.seed}: ${await faultIn(arena, small)}\n${JSON.stringify(small)}` };
}

async function smallest(arena: NeighbourArena, given: NeighbourCase): Promise<NeighbourCase> {
  for (const each of smallerCases(given)) {
    const fault = await faultIn(arena, each);
    if (fault !== undefined && fault !== 'skipped') return smallest(arena, each);
  }
  return given;
}

function faultIn(arena: NeighbourArena, given: NeighbourCase): Promise<string | undefined> {
  return arena.faultOf(given).catch(String);
}

/** What a neighbour does to a response; `at` stands in what it writes. */
export type Neighbour =
  /** Keeps the body until its end, and adds to it there. */
  | {
      readonly kind: 'inject';
      readonly head: 'strips' | 'swallows' | 'defers';
      readonly length: 'set' | 'given' | 'removed';
      readonly restores: boolean;
      readonly isLate: boolean;
    }
  /** Sends each part as it comes, and one more at the end. */
  | { readonly kind: 'append' }
  /** Keeps all that was sent, and gives it out again. */
  | {
      readonly kind: 'cache';
      readonly reads: 'end' | 'writeHead';
      readonly replays: 'writeHead' | 'setHeader';
    }
  /** Keeps the head back until the end, and changes nothing. */
  | { readonly kind: 'defer' }
  /** Hears of the headers as on-headers has it. */
  | { readonly kind: 'listen'; readonly field: Field }
  /** Sets a header in its own end. */
  | { readonly kind: 'set'; readonly field: Field }
  /** Sends the head in its own end, with the length that the body has by then, or without one. */
  | { readonly kind: 'head'; readonly length: 'none' | 'set' | 'given' | 'twice' }
  /** Sends the last chunk in two, as sessions do. */
  | { readonly kind: 'split' }
  /** Puts the methods back as they were: once one of them is called. */
  | { readonly kind: 'restore'; readonly at: 'writeHead' | 'write' | 'end' }
  /** Goes through the response's own methods once more, and knows its own calls. */
  | { readonly kind: 'again' }
  /** Calls callbacks before it returns, as the sockets of serverless adapters do. */
  | { readonly kind: 'call back' };

type Field = readonly [name: string, value: string];

export interface NeighbourCase {
  /** One has responses of a class of its own, which send the head without a call of `writeHead`. */
  readonly server: 'node:http' | 'node:http with its own class' | 'Express 4' | 'Express 5';
  /** In the order that they are mounted in; `ours` once or twice. */
  readonly order: readonly (Neighbour | 'ours')[];
  readonly way: Way;
  readonly isHead: boolean;
  readonly accept: string;
  readonly isPersonal: boolean;
  readonly page: PageKind;
}

export type PageKind = 'images' | 'plain' | 'empty' | 'open';

const fields: readonly Field[] = [
  ['Cache-Control', 'public, max-age=31536000'],
  ['ETag', '"late"'],
  ['X-Seen', '1'],
];
const sharedWays = [
  'end',
  'end with a length',
  'write, end',
  'write, end with a length',
  'writes',
  'writes, each after the last',
  'pipe',
  'writeHead, end',
  'writeHead with a length, end',
  'writeHead with all, end',
  'flushHeaders, writes',
  'hidden length, end',
  'hidden length, write',
] as const;
const ofExpress = ['res.send', 'res.send of bytes', 'sendFile'] as const;
export type Way = (typeof sharedWays)[number] | (typeof ofExpress)[number];
const expressWays: readonly Way[] = ['res.send', ...ofExpress, ...sharedWays];

function randomNeighbourCase(seed: number): NeighbourCase {
  const random = randomFrom(seed);
  const oneOf = pickFrom(random);
  const server = oneOf(['node:http', 'node:http with its own class', 'Express 4', 'Express 5'] as const);
  const neighbour = (): Neighbour =>
    oneOf<() => Neighbour>([
      () => ({
        kind: 'inject',
        head: oneOf(['strips', 'swallows', 'defers'] as const),
        length: oneOf(['set', 'set', 'given', 'removed'] as const),
        restores: random() < 0.5,
        isLate: random() < 0.2,
      }),
      () => ({ kind: 'append' }),
      () => ({
        kind: 'cache',
        reads: oneOf(['end', 'writeHead'] as const),
        replays: oneOf(['writeHead', 'setHeader'] as const),
      }),
      () => ({ kind: 'defer' }),
      () => ({ kind: 'listen', field: oneOf(fields) }),
      () => ({ kind: 'set', field: oneOf(fields) }),
      () => ({ kind: 'head', length: oneOf(['none', 'set', 'given', 'twice'] as const) }),
      () => ({ kind: 'split' }),
      () => ({ kind: 'restore', at: oneOf(['writeHead', 'write', 'end'] as const) }),
      () => ({ kind: 'again' }),
      () => ({ kind: 'call back' }),
    ])();
  const some: readonly Neighbour[] = Array.from({ length: 1 + Math.floor(random() * 3) }, neighbour);
  // What goes through the methods again, a cache keeps twice.
  const hasCache = some.some(({ kind }) => kind === 'cache');
  const order: (Neighbour | 'ours')[] = some.filter(({ kind }) => kind !== 'again' || !hasCache);
  order.splice(Math.floor(random() * (order.length + 1)), 0, 'ours');
  if (random() < 0.2) order.splice(Math.floor(random() * (order.length + 1)), 0, 'ours');
  return {
    server,
    order,
    way: oneOf<Way>(server.startsWith('Express') ? expressWays : sharedWays),
    isHead: random() < 0.1,
    accept: oneOf(['text/html', '*/*']),
    isPersonal: random() < 0.15,
    page: oneOf<PageKind>(['images', 'images', 'images', 'plain', 'empty', 'open']),
  };
}

/** Smaller ones that may still show what a case has shown. */
function* smallerCases(given: NeighbourCase): Generator<NeighbourCase> {
  const { order } = given;
  for (let at = 0; at < order.length; at++) {
    const isLastOfUs = order[at] === 'ours' && order.filter((each) => each === 'ours').length === 1;
    if (!isLastOfUs) yield { ...given, order: order.toSpliced(at, 1) };
  }
  if (given.isHead) yield { ...given, isHead: false };
  if (given.isPersonal) yield { ...given, isPersonal: false };
  if (given.page !== 'images') yield { ...given, page: 'images' };
  if (given.way !== 'end') yield { ...given, way: 'end' };
  if (given.server !== 'node:http') yield { ...given, server: 'node:http' };
}
