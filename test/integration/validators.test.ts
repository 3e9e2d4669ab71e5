/**
 * Conditional requests over Express, for every way in which an app comes to a 304: one while the tokens are the same,
 * never after, and none by a date, a range or a tag that is not ours.
 */
import { request as httpRequest } from 'node:http';
import type { RequestHandler } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clockAt } from '../support/samples.ts';
import {
  answersConditions,
  type CreateExpress,
  createFolder,
  decoded,
  expresses,
  page,
  picture,
  staticFile,
  type Way,
  waysOf,
} from '../support/servers/express-site.ts';
import { type Site, serve, withSite } from '../support/servers/frameworks.ts';
import {
  aDay,
  boundTag,
  type Compressing,
  conditionalSite,
  expectWholePage,
  get,
  type SiteOptions,
} from './conditional.ts';

const folder = createFolder();
let upstream: Site;

const site = (create: CreateExpress, way: Way, options: SiteOptions = {}) =>
  conditionalSite(create, folder.path, way, options);

/** A server behind the app: its tag, its date and its ranges are of the page that is not signed. */
beforeAll(async () => {
  const changedAt = new Date('2026-09-01T00:00:00Z').toUTCString();
  upstream = await serve((request, response) => {
    const { 'if-none-match': tags, 'if-modified-since': date, range } = request.headers;
    const isFresh = tags === undefined ? date !== undefined : tags === '*' || tags.includes('"v1"');
    const headers = { ETag: '"v1"', 'Last-Modified': changedAt, 'Cache-Control': 'public, max-age=31536000' };
    const html = { ...headers, 'Content-Type': 'text/html' };
    if (isFresh) response.writeHead(304, headers).end();
    else if (range === 'bytes=0-20')
      response
        .writeHead(206, { ...html, 'Content-Range': `bytes 0-20/${page.length}` })
        .end(page.slice(0, 21));
    else response.writeHead(200, { ...html, 'Content-Length': page.length }).end(page);
  });
});
afterAll(async () => {
  await upstream.close();
  folder.remove();
});

const ownTag: RequestHandler = (request, response) => {
  response.set('ETag', '"own"').type('html');
  if (request.fresh) response.status(304).end();
  else response.end(page);
};

const proxied: RequestHandler = (request, response, next) => {
  httpRequest({ port: upstream.port, host: '127.0.0.1', path: '/', headers: request.headers }, (from) => {
    response.writeHead(from.statusCode!, from.headers);
    from.pipe(response);
  })
    .on('error', next)
    .end();
};

function conditionalWays(create: CreateExpress): readonly Way[] {
  return [
    ...waysOf(create, folder.path).filter(answersConditions),
    { title: 'a tag of its own, and req.fresh', isPage: true, route: ownTag },
    { title: 'a proxy', isPage: true, route: proxied },
  ];
}

describe.each(expresses)('%s', (_name, create) => {
  describe.each<[compressing: Compressing]>([['none'], ['before'], ['after']])(
    'compression: %s',
    (compressing) => {
      describe.each(conditionalWays(create).map((way) => [way.title, way] as const))('%s', (title, way) => {
        // A 304 or a 206 that an upstream gives of itself shows no type: these are beyond us, and in docs/caching.md.
        const isBeyondUs = (accept: string): boolean => title === 'a proxy' && accept === '*/*';

        test.each(['*/*', 'text/html,*/*;q=0.8'])(
          'Accept: %s: 304 in the step, 200 with new tokens after it, and whole for conditions that are not ours',
          async (accept) => {
            const clock = clockAt();
            await withSite(site(create, way, { options: { now: clock }, compressing }), async (port) => {
              const first = await get(port, { accept });
              const tag = first.header('etag')!;
              expect(tag).toMatch(boundTag);
              expectWholePage(first, 'first');
              expect(first.header('last-modified') ?? first.header('accept-ranges')).toBeUndefined();

              const foreign = tag.replace(/-is\.[0-9a-f]{24}/, '');
              const date = { 'if-modified-since': new Date().toUTCString() };
              for (const conditions of [
                {},
                date,
                { range: 'bytes=0-20' },
                { range: 'bytes=0-20', 'if-range': tag },
              ]) {
                const again = await get(port, { accept, 'if-none-match': tag, ...conditions });
                expect(again.status).toBe(304);
                expect(again.body.length).toBe(0);
                for (const name of ['etag', 'cache-control', 'expires'])
                  expect(again.header(name), name).toBe(first.header(name));
                for (const name of ['last-modified', 'content-length', 'transfer-encoding'])
                  expect(again.header(name), name).toBeUndefined();
              }
              const head = await get(port, { accept, 'if-none-match': tag }, 'HEAD');
              expect([head.status, head.header('etag')]).toEqual([304, tag]);

              const notOurs: Record<string, string>[] = [
                { 'if-none-match': foreign },
                { 'if-none-match': foreign.replace('W/', '') },
                { 'if-none-match': '*' },
                date,
                { 'if-none-match': foreign, ...date },
                { range: 'bytes=0-20' },
                { range: 'bytes=0-20', 'if-range': foreign.replace('W/', '') },
                { range: 'bytes=0-20', 'if-range': new Date().toUTCString() },
                { range: 'bytes=0-20', 'if-range': tag },
                { 'if-match': '"nothing"' },
                { 'if-unmodified-since': 'Mon, 01 Jan 2001 00:00:00 GMT' },
              ];
              for (const headers of isBeyondUs(accept) ? [] : notOurs)
                expectWholePage(await get(port, { accept, ...headers }), JSON.stringify(headers));

              clock.advance(aDay);
              const later = await get(port, { accept, 'if-none-match': tag, ...date });
              expectWholePage(later, 'later');
              expect(later.header('etag')).toMatch(boundTag);
              expect(later.header('etag')).not.toBe(tag);
              expect(decoded(later).equals(decoded(first))).toBe(false);
            });
          },
        );

        test('authorize: no tag goes out, and none brings a 304', async () => {
          const tagOf = async (port: number) => (await get(port)).header('etag');
          const tag = await withSite(site(create, way, { compressing }), tagOf);
          const options = { authorize: () => true };
          await withSite(site(create, way, { options, compressing }), async (port) => {
            for (const accept of ['*/*', 'text/html']) {
              const response = await get(port, { accept, 'if-none-match': tag! });
              expectWholePage(response, accept);
              expect(response.header('etag')).toBeUndefined();
              expect(response.header('cache-control')).toMatch(/^private\b/);
            }
          });
        });
      });

      test.each<[file: string, accept: string]>([
        ['picture.png', '*/*'],
        ['picture.png', 'image/avif,image/webp,*/*'],
        ['data.json', 'application/json'],
      ])('%s to Accept: %s keeps its own 304 and 206', async (file, accept) => {
        const way: Way = { title: file, isPage: false, route: staticFile(create, folder.path, file) };
        await withSite(site(create, way, { compressing }), async (port) => {
          const plain = await get(port, { accept });
          const tag = plain.header('etag')!;
          expect(tag).not.toContain('-is.');
          const conditions: Record<string, string>[] = [
            { 'if-none-match': tag },
            { 'if-none-match': '*' },
            { 'if-modified-since': plain.header('last-modified')! },
          ];
          for (const headers of conditions) {
            const { status, header } = await get(port, { accept, ...headers });
            expect([status, header('etag')]).toEqual([304, tag]);
          }
          const part = await get(port, { accept, range: 'bytes=0-1' });
          expect(part.status).toBe(206);
          expect(decoded(part).equals(decoded(plain).subarray(0, 2))).toBe(true);
          expect((await get(port, { accept, 'if-match': '"nothing"' })).status).toBe(412);
          expect((await get(port, { accept, range: 'bytes=99999-' })).status).toBe(416);
        });
      });

      test('JSON by res.json keeps its 304, unless it is rewritten: then it is bound like a page', async () => {
        const clock = clockAt();
        const way: Way = waysOf(create, folder.path).find(({ title }) => title === 'res.json')!;
        for (const json of [false, true]) {
          const options = { now: clock, rewrite: { json } };
          await withSite(site(create, way, { options, compressing }), async (port) => {
            const tag = (await get(port)).header('etag')!;
            expect(boundTag.test(tag)).toBe(json);
            expect((await get(port, { 'if-none-match': tag })).status).toBe(304);
            clock.advance(aDay);
            expect((await get(port, { 'if-none-match': tag })).status).toBe(json ? 200 : 304);
          });
        }
      });
    },
  );

  test('a picture that is opened in the address bar comes whole, for it may have been a page', async () => {
    const way: Way = { title: '', isPage: false, route: staticFile(create, folder.path, 'picture.png') };
    await withSite(site(create, way), async (port) => {
      const tag = (await get(port)).header('etag')!;
      const response = await get(port, { accept: 'text/html', 'if-none-match': tag });
      expect([response.status, response.body.equals(picture)]).toEqual([200, true]);
      expect(response.header('etag')).toBe(tag);
    });
  });

  test('what an upstream answers of itself passes: a 304 to its own tag, a part, each as it came', async () => {
    const way: Way = { title: '', isPage: true, route: proxied };
    await withSite(site(create, way), async (port) => {
      const { status, header } = await get(port, { accept: '*/*', 'if-none-match': '"v1"' });
      expect([status, header('etag')]).toEqual([304, '"v1"']);
      const part = await get(port, { accept: '*/*', range: 'bytes=0-20' });
      expect([part.status, part.text]).toEqual([206, page.slice(0, 21)]);
      expect(part.header('content-range')).toBe(`bytes 0-20/${page.length}`);
    });
  });
});
