/**
 * Neighbours that change a page in their own `end`, keep it, or take methods off a response again: the real packages,
 * mounted before, after and around us. The page is the one that they made with its URLs signed, to the last byte.
 * Longer than most files: each neighbour is tried in each place.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { RequestHandler } from 'express';
import { Hono } from 'hono';
import { afterAll, describe, expect, test } from 'vitest';
import type { Middleware } from '../../src/index.ts';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';
import { shareOf } from '../support/seed.ts';
import {
  createFolder,
  expresses,
  page,
  signing,
  siteOf,
  visit,
  type Way,
  waysOf,
} from '../support/servers/express-site.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';
import { type Injector, injectors, pageCache, snippets } from './injectors.ts';

const folder = createFolder();
afterAll(() => folder.remove());

const names = Object.keys(injectors) as Injector[];
const boundTag = /^W\/".*-is\.[0-9a-f]{24}"$/;
const browser: RawRequest = { headers: { accept: 'text/html' } };

type Part = Injector | 'ours';
type Order = readonly Part[];

function* orders(): Generator<Order> {
  for (const each of names) yield* [[each, 'ours'] as const, ['ours', each] as const];
  for (const each of names) yield ['ours', each, 'ours'];
  for (const one of names) for (const two of names) if (one !== two) yield [one, 'ours', two];
}

const mountsOf = (order: Order, options: object = {}): RequestHandler[] =>
  order.map((each) => (each === 'ours' ? signing(options) : injectors[each]()));

/** Pages with a body to put something into, and a type that a neighbour can see. */
function pageWays(create: Parameters<typeof waysOf>[0]): readonly Way[] {
  const ways = waysOf(create, folder.path).filter(
    ({ isPage, title }) => isPage && title !== 'writeHead, end',
  );
  const whole = page.replace('</title>', '</title></head><body>').concat('</body></html>');
  return [
    ...ways,
    { title: 'a whole document', isPage: true, route: (_, response) => void response.send(whole) },
    {
      title: 'a whole document in parts, with its length',
      isPage: true,
      route: (_, response) => {
        response.type('html').set('Content-Length', String(whole.length));
        for (const part of whole.match(/.{1,300}/gs)!) response.write(part);
        response.end();
      },
    },
    {
      title: 'writeHead, end',
      isPage: true,
      route: (_, response) => {
        response.type('html').set('Cache-Control', 'public, max-age=31536000').writeHead(200);
        response.end(whole);
      },
    },
  ];
}

function expectSame(mine: RawResponse, plain: RawResponse, title: string): void {
  expect([title, mine.status, mine.isComplete]).toEqual([title, plain.status, true]);
  expect([title, withoutTokens(mine.text)]).toEqual([title, plain.text]);
  // Two of them, one on each side of us, may send a page twice, the second time past all methods above theirs.
  expect([title, countTokens(mine.text)]).toEqual([title, 3]);
  expect([title, mine.header('content-length') ?? String(mine.body.length)]).toEqual([
    title,
    String(mine.body.length),
  ]);
  if (plain.header('etag') !== undefined) expect(mine.header('etag'), title).toMatch(boundTag);
  expect([title, mine.header('cache-control')]).toEqual([title, limited(plain.header('cache-control'))]);
  expect([title, mine.header('last-modified')]).toEqual([title, undefined]);
}

function limited(cacheControl: string | undefined): string {
  return cacheControl === undefined ? 'no-cache' : cacheControl.replace('31536000', '43200');
}

describe.each(expresses)('%s', (_name, create) => {
  const ways = pageWays(create);

  /** @returns the last of the pages */
  async function compare(
    mounts: readonly RequestHandler[],
    others: readonly RequestHandler[],
    pages: readonly Way[],
  ): Promise<RawResponse> {
    const [mine, plain] = [mounts, others].map((each) => siteOf(create, folder.path, each, pages));
    let last: RawResponse | undefined;
    await withSite(mine!, (port) =>
      withSite(plain!, async (plainPort) => {
        for (const [index, { title }] of pages.entries()) {
          last = await send(port, `/${index}`, browser);
          expectSame(last, await send(plainPort, `/${index}`, browser), title);
        }
      }),
    );
    return last!;
  }

  test.each(shareOf([...orders()], 3).map((order) => [order.join(', '), order] as const))(
    '%s: the page is the one that they make, signed, with its length',
    async (_order, order) => {
      const others = order.filter((each) => each !== 'ours');
      const whole = await compare(mountsOf(order), mountsOf(others), ways);
      // Of two that both add a script to reload by, the second one leaves it to the first.
      if (order.length === 2) expect(whole.text).toContain(snippets[others[0]!]);
    },
  );

  test.each(shareOf([...orders()], 3).map((order) => [order.join(', '), order] as const))(
    '%s: HEAD has no body, and a client that has the page gets 304 while its tokens hold',
    async (_order, order) => {
      const clock = clockAt();
      await withSite(
        siteOf(create, folder.path, mountsOf(order, { now: clock }), ways.slice(0, 1)),
        async (port) => {
          const head = await send(port, '/0', { ...browser, method: 'HEAD' });
          expect([head.status, head.body.length]).toEqual([200, 0]);
          const tag = (await send(port, '/0', browser)).header('etag')!;
          const again = { headers: { ...browser.headers, 'if-none-match': tag } };
          const { status, header, body } = await send(port, '/0', again);
          expect([status, header('etag'), body.length]).toEqual([304, tag, 0]);
          clock.advance(86_400);
          expect((await send(port, '/0', again)).status).toBe(200);
        },
      );
    },
  );

  test.each<[title: string, order: readonly ('ours' | 'cache')[]]>([
    ['before us', ['cache', 'ours']],
    ['after us', ['ours', 'cache']],
    ['between two of us', ['ours', 'cache', 'ours']],
  ])('a page cache %s gives out again what it has kept, whole and with its tag', async (_title, order) => {
    const caches = order.map((each) => (each === 'ours' ? signing() : pageCache()));
    await withSite(siteOf(create, folder.path, caches, ways), async (port) => {
      for (const [index, { title }] of ways.entries()) {
        const first = await send(port, `/${index}`, browser);
        const second = await send(port, `/${index}`, browser);
        for (const each of [first, second]) {
          expect([title, each.isComplete, countTokens(each.text)]).toEqual([title, true, 3]);
          if (each.header('content-length') !== undefined)
            expect([title, each.header('content-length')]).toEqual([title, String(each.body.length)]);
        }
        expect([title, second.text]).toEqual([title, first.text]);
        expect([title, second.header('etag')]).toEqual([title, first.header('etag')]);
        if (first.header('etag') === undefined) continue;
        expect(first.header('etag')).toMatch(boundTag);
        const conditions = { ...browser.headers, 'if-none-match': first.header('etag')! };
        const third = await send(port, `/${index}`, { headers: conditions });
        expect([title, third.header('etag')]).toEqual([title, first.header('etag')]);
        // What the cache has kept of a file is tagged as it went out, which it does not find among the tags of the app.
        expect([title, [200, 304].includes(third.status)]).toEqual([title, true]);
      }
    });
  });

  test.each<Order>([
    ['connect-livereload', 'ours'],
    ['ours', 'connect-livereload'],
  ])('%s, %s: a page that is written with an encoding, a callback or both', async (...order) => {
    const whole = page.replace('</title>', '</title></head><body>é').concat('</body></html>');
    const calls: readonly (readonly [name: 'write' | 'end', encoding: readonly BufferEncoding[]])[] = [
      ['end', ['utf8']],
      ['end', ['latin1']],
      ['end', []],
      ['write', ['latin1']],
      ['write', []],
    ];
    const ways = calls.map(([name, encoding]) => {
      const route: RequestHandler = (_request, response) => {
        response.setHeader('Content-Type', `text/html; charset=${encoding[0] ?? 'utf-8'}`);
        (response[name] as (...args: unknown[]) => unknown)(whole, ...encoding, () => undefined);
        if (name === 'write') response.end('<p>');
      };
      return { title: [name, ...encoding].join(', '), isPage: true, route };
    });
    await compare(mountsOf(order), [injectors['connect-livereload']()], ways);
  });

  test('a cache before us that reads the headers in its own end has them as they went out', async () => {
    const kept: (readonly [OutgoingHttpHeaders, Buffer])[] = [];
    const recipe: RequestHandler = (_request, response, next) => {
      const { end } = response;
      response.end = ((...args: unknown[]) => {
        kept.push([response.getHeaders(), args[0] as Buffer]);
        return Reflect.apply(end, response, args);
      }) as typeof end;
      next();
    };
    const fields = {
      'Cache-Control': 'public, max-age=31536000',
      'Last-Modified': new Date(0).toUTCString(),
      Link: `<${url()}>; rel=preload`,
    };
    const way: Way = {
      title: '',
      isPage: true,
      route: (_, response) => void response.set(fields).send(page),
    };
    for (const later of [[], [injectors['resp-modifier']()]]) {
      const site = siteOf(create, folder.path, [recipe, signing(), ...later], [way]);
      const { body, header } = await visit(site, '/0', browser);
      const [headers, stored] = kept.pop()!;
      expect(Buffer.from(stored).equals(body)).toBe(true);
      expect(String(headers['content-length'])).toBe(String(body.length));
      expect(headers).toMatchObject({
        'cache-control': 'public, max-age=43200',
        etag: header('etag'),
        link: header('link'),
      });
      expect(headers).not.toHaveProperty('last-modified');
    }
  });
});

describe.each(frameworks.filter(({ name }) => name !== 'Connect'))('$name', (framework) => {
  const html = { 'Content-Type': 'text/html' };
  const app = new Hono()
    .get('/text', (c) => c.html(page))
    .get('/object', () => new Response(page, { headers: html }))
    .get('/bytes', () => new Response(new TextEncoder().encode(page), { headers: html }))
    .get('/stream', () => new Response(new Blob([page]).stream(), { headers: html }))
    .get('/length', (c) => c.html(page, 200, { 'Content-Length': String(page.length) }))
    .get('/json', (c) => c.json({ image: url() }));
  // Its own Response, which it puts in the place of the global one, is the one whose length it sends by itself.
  const listener = getRequestListener(app.fetch);

  test('pages of Hono, served by @hono/node-server behind us, arrive to their last byte', async () => {
    await withSite(
      framework.build([signing() as Middleware], (...args) => void listener(...args)),
      async (port) => {
        for (const path of ['/text', '/object', '/bytes', '/stream', '/length']) {
          const { isComplete, text, header, body } = await send(port, path);
          expect([path, isComplete, withoutTokens(text), countTokens(text)]).toEqual([path, true, page, 3]);
          if (header('content-length') !== undefined)
            expect(header('content-length')).toBe(String(body.length));
        }
        const json = await send(port, '/json');
        expect([json.header('content-length'), json.text]).toEqual([
          String(json.body.length),
          `{"image":"${url()}"}`,
        ]);
      },
    );
  });
});
