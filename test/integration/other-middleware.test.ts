/**
 * Neighbours that patch the same methods of a response, in every order with ours: the page is signed, the neighbours
 * do their work, and whatever is no page goes out as without us.
 */

import polkaCompression from '@polka/compression';
import compression from 'compression';
import type { RequestHandler } from 'express';
import session from 'express-session';
import fc from 'fast-check';
import helmet from 'helmet';
import morgan from 'morgan';
import onHeaders from 'on-headers';
import responseTime from 'response-time';
import { afterAll, describe, expect, test } from 'vitest';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { shareOf } from '../support/seed.ts';
import {
  answersConditions,
  createFolder,
  decoded,
  expresses,
  page,
  signing,
  siteOf,
  tokensOfPage,
  visit,
  type Way,
  waysOf,
} from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

const folder = createFolder();
afterAll(() => folder.remove());

const logFormat =
  ':method :url :status :res[content-length] :req[if-none-match] :req[if-modified-since] :req[range] :req[if-range]';

/** Each makes one that writes what it logs into `log`. */
const neighbours = {
  compression: () => compression({ threshold: 0 }),
  session: () => session({ secret: 's', resave: false, saveUninitialized: true }),
  morgan: (log: string[]) => morgan(logFormat, { stream: { write: (line) => void log.push(line.trim()) } }),
  'on-headers': (): RequestHandler => (_request, response, next) => {
    onHeaders(response, () => void response.setHeader('X-Seen', String(response.getHeader('Content-Type'))));
    next();
  },
  'response-time': () => responseTime(),
  helmet: () => helmet(),
  '@polka/compression': () => polkaCompression({ threshold: 0 }) as RequestHandler,
} satisfies Record<string, (log: string[]) => RequestHandler>;

type Neighbour = keyof typeof neighbours;
type Order = readonly (Neighbour | 'ours')[];

/** It gives listeners to its own stream, and takes the head from neighbours that are mounted after it: alone with us. */
const alone: Neighbour = '@polka/compression';
const all = (Object.keys(neighbours) as Neighbour[]).filter((each) => each !== alone);
const others = all.filter((each) => each !== 'compression');

function* orders(): Generator<Order> {
  for (const each of [...all, alone]) yield* [['ours', each] as const, [each, 'ours'] as const];
  for (const each of others) {
    for (const pair of [['compression', each] as const, [each, 'compression'] as const])
      for (let at = 0; at <= 2; at++) yield [...pair.slice(0, at), 'ours', ...pair.slice(at)];
  }
  const shuffled = fc.shuffledSubarray([...all], { minLength: all.length });
  for (const six of [all, all.toReversed(), ...fc.sample(shuffled, 1)])
    for (let at = 0; at <= 6; at++) yield [...six.slice(0, at), 'ours', ...six.slice(at)];
}

function middlewareOf(order: Order, log: string[] = []): RequestHandler[] {
  return order.map((name) => (name === 'ours' ? signing() : neighbours[name](log)));
}

/** What differs from one request to the next. */
function comparable({ headers }: RawResponse, without: readonly string[]): string[] {
  return headers
    .filter(([name]) => !['date', 'x-response-time', ...without].includes(name))
    .map(([name, value]) => `${name}: ${name === 'set-cookie' ? value.replace(/=[^;]*/, '') : value}`);
}

/** What a page that is rewritten says otherwise, or not at all. */
const ofPages = [
  'etag',
  'cache-control',
  'last-modified',
  'accept-ranges',
  'content-length',
  'transfer-encoding',
];

function expectAsWithoutUs(ours: RawResponse, plain: RawResponse, way: Way, order: Order): void {
  expect(ours.status, way.title).toBe(200);
  expect(ours.isComplete, way.title).toBe(true);
  expect(comparable(ours, way.isPage ? ofPages : []), way.title).toEqual(
    comparable(plain, way.isPage ? ofPages : []),
  );
  if (order.some((each) => each.endsWith('compression')) && way.isPage)
    expect(ours.header('content-encoding')).toBe('gzip');
  if (order.includes('session')) expect(ours.header('set-cookie'), way.title).toContain('connect.sid=');
  if (order.includes('response-time')) expect(ours.header('x-response-time')).toMatch(/^\d/);
  if (!way.isPage) {
    expect(ours.body.equals(plain.body), way.title).toBe(true);
    return;
  }
  const text = decoded(ours).toString();
  expect(withoutTokens(text), way.title).toBe(page);
  expect(countTokens(text), way.title).toBe(tokensOfPage);
  const tag = plain.header('etag')?.replace(/^W\//, '').slice(1, -1);
  if (tag === undefined) expect(ours.header('etag'), way.title).toBeUndefined();
  else expect(ours.header('etag'), way.title).toMatch(/^W\/".*-is\.[0-9a-f]{24}"$/);
  expect(ours.header('cache-control'), way.title).toBe(
    plain.header('cache-control') === undefined ? 'no-cache' : 'public, max-age=0',
  );
  expect(ours.header('last-modified') ?? ours.header('accept-ranges'), way.title).toBeUndefined();
}

describe.each(expresses)('%s', (_name, create) => {
  const ways = waysOf(create, folder.path);

  test.each(shareOf([...orders()], 4).map((order) => [order.join(', '), order] as const))(
    '%s: pages are signed, and all else is as without us',
    async (_order, order) => {
      const theirs = order.filter((each) => each !== 'ours');
      const [mine, plain] = [order, theirs].map((each) =>
        siteOf(create, folder.path, middlewareOf(each), ways),
      );
      const request: RawRequest = { headers: { 'accept-encoding': 'gzip', accept: 'text/html' } };
      await withSite(mine!, (port) =>
        withSite(plain!, async (plainPort) => {
          const compare = async (way: Way, index: number): Promise<void> => {
            const both = [port, plainPort].map((each) => send(each, `/${index}`, request));
            const [ours, without] = await Promise.all(both);
            expectAsWithoutUs(ours!, without!, way, order);
          };
          await Promise.all(ways.map(compare));
        }),
      );
    },
  );

  describe.each<[order: Order]>([
    [['morgan', 'ours']],
    [['ours', 'morgan']],
    [['morgan', 'session', 'compression', 'ours', 'helmet']],
    [['helmet', 'ours', 'compression', 'session', 'morgan']],
  ])('%j', (order) => {
    test('the log has the request as the client sent it, with the status and the length that went out', async () => {
      const log: string[] = [];
      const sent = {
        'if-none-match': '"x", *',
        'if-modified-since': new Date().toUTCString(),
        range: 'bytes=0-3',
        'if-range': '"y"',
      };
      await withSite(
        siteOf(create, folder.path, middlewareOf(order, log), ways.filter(answersConditions)),
        async (port) => {
          for (const accept of ['text/html', '*/*']) {
            for (const index of [0, 1, 2, 3]) {
              const { status, header } = await send(port, `/${index}?q`, { headers: { ...sent, accept } });
              expect(status).toBe(200);
              const length = header('content-length') ?? '-';
              // morgan writes a backslash before each quote
              expect(log.pop()?.replaceAll('\\', '')).toBe(
                `GET /${index}?q 200 ${length} "x", * ${sent['if-modified-since']} bytes=0-3 "y"`,
              );
            }
          }
        },
      );
    });
  });

  test.each<[order: Order]>([[['compression', 'ours']], [['ours', 'compression']]])(
    '%j: flush of compression sends what is there, but for an open tag',
    async (order) => {
      let goOn = (): void => {};
      const way: Way = {
        title: 'a stream that waits',
        isPage: true,
        route: (_, response) => {
          response.type('html').write(`<p>first</p><img src="${url()}"><img src="`);
          (response as unknown as { flush(): void }).flush();
          goOn = () => void response.end(`${url('card')}">`);
        },
      };
      await withSite(siteOf(create, folder.path, middlewareOf(order), [way]), async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/0`, {
          headers: { 'accept-encoding': 'gzip' },
        });
        expect(response.headers.get('content-encoding')).toBe('gzip');
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        let first = '';
        while (countTokens(first) === 0) first += (await reader.read()).value!;
        expect(withoutTokens(first)).toBe(`<p>first</p><img src="${url()}">`);
        goOn();
        let rest = '';
        for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
        expect(withoutTokens(rest)).toBe(`<img src="${url('card')}">`);
        expect(countTokens(rest)).toBe(1);
      });
    },
  );

  test.each<[where: string, order: readonly ('type' | 'ours' | 'compression')[]]>([
    ['before us both', ['type', 'ours', 'compression']],
    ['before us, behind compression', ['compression', 'type', 'ours']],
    ['between us and compression', ['ours', 'type', 'compression']],
    ['behind us both', ['ours', 'compression', 'type']],
  ])('a type that is set for every response, %s: pages are signed, and compressed', async (_where, order) => {
    const setType: RequestHandler = (_request, response, next) => {
      response.type('html');
      next();
    };
    const mounts = order.map((each) => (each === 'type' ? setType : middlewareOf([each])[0]!));
    const pages = ways.filter(({ isPage }) => isPage);
    await withSite(siteOf(create, folder.path, mounts, pages), async (port) => {
      for (const [index, way] of pages.entries()) {
        const response = await send(port, `/${index}`, { headers: { 'accept-encoding': 'gzip' } });
        expect(response.header('content-encoding'), way.title).toBe('gzip');
        const text = decoded(response).toString();
        expect([way.title, withoutTokens(text) === page, countTokens(text)]).toEqual([way.title, true, 3]);
      }
    });
  });

  test.each([true, false])(
    'what on-headers says at the last moment is cut as well, mounted before: %s',
    async (isBefore) => {
      const late: RequestHandler = (_request, response, next) => {
        onHeaders(response, () => void response.setHeader('Cache-Control', 'public, max-age=31536000'));
        next();
      };
      const mounts = isBefore ? [late, signing()] : [signing(), late];
      const { header } = await visit(siteOf(create, folder.path, mounts, ways.slice(0, 1)), '/0');
      expect(header('cache-control')).toBe('public, max-age=43200');
    },
  );
});
