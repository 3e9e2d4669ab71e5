/** Random neighbours around the middleware, and ways to send a page through them, as plain values. */
import fc from 'fast-check';

type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;
const kind = <Kind extends string, More extends object = object>(
  name: Kind,
  more: { [Key in keyof More]: fc.Arbitrary<More[Key]> } = {} as never,
) =>
  fc.record({ kind: fc.constant(name), ...more }) as fc.Arbitrary<{ readonly kind: Kind } & Readonly<More>>;
const oneOf = <const Item>(...items: readonly Item[]) => fc.constantFrom<Item[]>(...items);
const chance = (percent: number) =>
  fc.oneof({ weight: 100 - percent, arbitrary: oneOf(false) }, { weight: percent, arbitrary: oneOf(true) });

const field = oneOf(
  ['X-Seen', '1'],
  ['Cache-Control', 'public, max-age=31536000'],
  ['ETag', '"late"'],
) as fc.Arbitrary<readonly [name: string, value: string]>;
/** What a neighbour does to a response; its place in the order stands in what it writes. */
const neighbour = fc.oneof(
  // Changes nothing but when the head goes out.
  kind('defer'),
  // Keeps the body until its end, and adds to it there.
  kind('inject', {
    head: oneOf('strips', 'swallows', 'defers'),
    length: oneOf('set', 'set', 'given', 'removed'),
    restores: fc.boolean(),
    isLate: chance(20),
  }),
  kind('append'), // sends each part as it comes, and one more at the end
  kind('cache', { reads: oneOf('end', 'writeHead'), replays: oneOf('writeHead', 'setHeader') }),
  kind('listen', { field }), // hears of the headers as on-headers has it
  kind('set', { field }), // in its own end
  // Sends the head in its own end, with the length that the body has by then, or without one.
  kind('head', { length: oneOf('none', 'set', 'given', 'twice') }),
  kind('split'), // sends the last chunk in two, as sessions do
  kind('restore', { at: oneOf('writeHead', 'write', 'end') }), // puts the methods back once one of them is called
  kind('again'), // goes through the response's own methods once more, and knows its own calls
  kind('call back'), // before it returns, as the sockets of serverless adapters do
);
export type Neighbour = Of<typeof neighbour>;

const sharedWays = [
  ...(['end', 'end with a length', 'write, end', 'write, end with a length', 'writes'] as const),
  ...(['writes, each after the last', 'pipe', 'writeHead, end', 'writeHead with a length, end'] as const),
  ...([
    'writeHead with all, end',
    'flushHeaders, writes',
    'hidden length, end',
    'hidden length, write',
  ] as const),
] as const;
const ofExpress = ['res.send', 'res.send of bytes', 'sendFile'] as const;
export type Way = (typeof sharedWays)[number] | (typeof ofExpress)[number];
const pageKind = oneOf('images', 'images', 'images', 'plain', 'empty', 'open');
export type PageKind = Of<typeof pageKind>;

/** `ours` stands once or twice among the neighbours, in the order that they are mounted in. */
const order = fc
  .tuple(fc.array(neighbour, { minLength: 0, maxLength: 3 }), fc.nat(3), fc.option(fc.nat(4), { freq: 5 }))
  .map(([others, at, again]): readonly (Neighbour | 'ours')[] => {
    const once = others.toSpliced(Math.min(at, others.length), 0, 'ours' as never);
    return again === null ? once : once.toSpliced(Math.min(again, once.length), 0, 'ours' as never);
  });
const site = fc.oneof(
  // Responses of a class of its own send the head without a call of `writeHead`.
  fc.record({ way: oneOf<Way>(...sharedWays), server: oneOf('node:http', 'node:http with its own class') }),
  fc.record({
    way: oneOf<Way>(...sharedWays, 'res.send', ...ofExpress),
    server: oneOf('Express 4', 'Express 5'),
  }),
);
export const neighbourCase = fc
  .tuple(
    site,
    fc.record({
      order,
      isHead: chance(10),
      accept: oneOf('text/html', '*/*'),
      isPersonal: chance(15),
      page: pageKind,
    }),
  )
  .map(([sent, asked]) => ({ ...sent, ...asked }));
export type NeighbourCase = Readonly<Of<typeof neighbourCase>>;
