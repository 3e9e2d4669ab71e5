/** Headers as apps really send them, and what goes wrong while they leave; in every framework of Node.js. */
import type { ServerResponse } from 'node:http';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner, type Middleware } from '../../../src/index.ts';
import { note } from '../../support/events.ts';
import { type RawRequest, type RawResponse, send } from '../../support/http/raw.ts';
import { ours } from '../../support/http/wire.ts';
import { base, clockAt, instant, signerWith, url } from '../../support/samples.ts';
import { frameworks, type Handler, withSite } from '../../support/servers/frameworks.ts';

const page = `<p>text</p><img src="${url()}">`;
const signed = signerWith().rewriteHtml(page);
const html = { 'Content-Type': 'text/html' };
const year = { ...html, 'Cache-Control': 'public, max-age=31536000', ETag: '"a"' };
const set = (response: ServerResponse, headers: object): ServerResponse => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
  return response;
};

describe.each(frameworks)('$name', (framework) => {
  const ask = (options: object, handler: Handler, request: RawRequest = {}): Promise<RawResponse> =>
    withSite(framework.build([ours(options)], handler), (port) => send(port, '/', request));

  test.each<[title: string, handler: Handler]>([
    ['text', (_, response) => set(Object.assign(response, { statusCode: '200' }), year).end(page)],
    ['a fraction', (_, response) => set(Object.assign(response, { statusCode: 200.7 }), year).end(page)],
    ['text in writeHead', (_, response) => response.writeHead('200' as never, year).end(page)],
  ])('where the status is %s, which Node takes, a personal page stays personal', async (_title, handler) => {
    const { header, text, status } = await ask({ authorize: () => true }, handler);
    expect([status, text, header('etag')]).toEqual([200, signed, undefined]);
    expect(header('cache-control')).toBe('private, max-age=43200');
  });

  /** Sends the second where Node refuses the first. */
  const either =
    (
      first: (response: ServerResponse) => unknown,
      errorPage: (response: ServerResponse) => unknown,
    ): Handler =>
    (_request, response) => {
      try {
        first(response);
      } catch {
        response.statusCode = 500;
        errorPage(response);
      }
    };

  test.each<[title: string, first: (response: ServerResponse) => unknown]>([
    ['a header of a page', (response) => response.writeHead(200, { ...html, 'X-Bad': 'a\nb' })],
    [
      'a header of something else',
      (response) => response.writeHead(200, { 'Content-Type': 'application/json', 'X-Bad': 'a\nb' }),
    ],
    [
      'a status, with a tag that stays open',
      (response) => set(Object.assign(response, { statusCode: 1000 }), html).end('<p title="unfinished'),
    ],
    [
      'a status in text',
      (response) => set(Object.assign(response, { statusCode: 'ECONNREFUSED' }), html).end('<b unfinished'),
    ],
    ['a header name', (response) => response.writeHead(200, { ...html, 'X Bad': 'a' })],
  ])(
    'where Node refuses %s, the error page is decided anew, and has nothing of the first',
    async (_title, first) => {
      const long = { ...html, 'Cache-Control': 'public, max-age=99999999' };
      const { status, text, header } = await ask(
        {},
        either(first, (response) => set(response, long).end(page)),
      );
      expect([status, text]).toEqual([500, signed]);
      expect([header('cache-control'), header('x-bad')]).toEqual(['public, max-age=43200', undefined]);
    },
  );

  test('an error in JSON has what Node has kept of the page that it refuses, and nothing of ours', async () => {
    const { text, header } = await ask(
      {},
      either(
        (response) => response.writeHead(200, { ...html, ETag: '"page"', 'X-Bad': 'a\nb' }),
        (response) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(url())),
      ),
    );
    expect(JSON.parse(text)).toBe(url());
    // Express has set a header before: then Node sets those that come before the bad one.
    expect(header('etag')).toBe(framework.isExpress ? '"page"' : undefined);
    expect(header('cache-control')).toBeUndefined();
  });

  test.each<[title: string, args: readonly unknown[]]>([
    ['alone', [200, html]],
    ['in a list', [200, Object.entries(html).flat()]],
    ['behind a reason', [200, 'Fine', html]],
    ['behind an empty reason', [200, '', html]],
    ['behind an undefined reason', [201, undefined, html]],
    ['in a list behind an undefined reason', [201, undefined, Object.entries(html).flat()]],
    ['behind null', [201, null, html]],
    ['behind headers that Node ignores', [200, { 'Content-Type': 'text/plain' }, html]],
    ['before undefined', [200, html, undefined]],
    ['behind a status that is text', ['200', undefined, html]],
  ])('a page whose type writeHead gets %s is signed', async (_, args) => {
    const { text, header } = await ask({}, (_request, response) => {
      response.writeHead(...(args as [number])).end(page);
    });
    expect([text, header('content-type')]).toEqual([signed, 'text/html']);
  });

  test('what is written after the end does not bring held bytes out twice', async () => {
    const { text } = await ask({}, (_request, response) => {
      response.on('error', () => {});
      set(response, html).end(`${page}<b unfinished`);
      response.write('late');
    });
    expect(text).toBe(`${signed}<b unfinished`);
  });

  test('lists that the app gives to writeHead stay its own, and are read as Node reads them', async () => {
    const shared = ['a=1'];
    const cookiesOf = (middleware: readonly Middleware[], cookies: () => string[]): Promise<unknown[]> => {
      const write: Handler = (_request, response) => {
        const headers = ['Content-Type', 'text/html', 'Set-Cookie', cookies(), 'Set-Cookie', 'user=2'];
        response.writeHead(200, headers as never).end(page);
      };
      return withSite(framework.build(middleware, write), async (port) => {
        await send(port, '/');
        return (await send(port, '/')).headers.filter(([name]) => name === 'set-cookie');
      });
    };
    // From version 22 on Node itself appends to a list that it was given, so without the middleware each is new.
    expect(await cookiesOf([ours()], () => shared)).toEqual(await cookiesOf([], () => ['a=1']));
    expect(shared).toEqual(['a=1']);
  });

  test('skip sees the response as it leaves', async () => {
    const seen: unknown[] = [];
    const skip = (_request: unknown, response: ServerResponse): boolean => {
      seen.push(response.statusCode, response.getHeader('x-skip'), response.getHeader('content-type'));
      return response.getHeader('x-skip') === '1';
    };
    const headers = { ...html, 'X-Skip': '1', 'Content-Length': page.length };
    const { text, header, status } = await ask({ skip }, (_request, response) =>
      response.writeHead(404, 'Nothing Here', headers).end(page),
    );
    expect(seen).toEqual([404, '1', 'text/html']);
    expect([status, text, header('content-length')]).toEqual([404, page, String(page.length)]);
  });

  const throwing = (): never => {
    throw new Error('no');
  };
  test.each<[title: string, skip: () => unknown, reason: string]>([
    ['a throw', throwing, 'skip-threw'],
    ['a promise', () => Promise.resolve(true), 'skip-not-synchronous'],
    ['a rejection', () => Promise.reject(new Error('no')), 'skip-not-synchronous'],
    ['a text', () => 'yes', 'skip-not-boolean'],
    ['a match', () => 'a'.match('a'), 'skip-not-boolean'],
  ])('%s in skip skips nothing, and is reported', async (_title, skip, reason) => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => note(events, event);
    const { text } = await ask({ skip, report }, (_request, response) => set(response, html).end(page));
    expect(text).toBe(signed);
    expect(events).toEqual([
      { type: 'passed', reason, error: reason === 'skip-threw' ? new Error('no') : undefined },
    ]);
  });

  test('bytes of another realm, and an empty encoding, keep their place', async () => {
    const half = page.length - 20;
    const bytes = [...Buffer.from(page.slice(half - 5, half))];
    const { text } = await ask({}, (_request, response) => {
      set(response, html).write(page.slice(0, half - 5));
      response.write(runInNewContext('Uint8Array.from(bytes)', { bytes }) as Uint8Array);
      response.write(page.slice(half, half + 5), '' as never);
      response.end(page.slice(half + 5));
    });
    expect(text).toBe(signed);
  });

  test('an older tag beside a date brings no 304', async () => {
    const now = clockAt();
    const conditional: Handler = (request, response) => {
      const { 'if-none-match': tag, 'if-modified-since': date } = request.headers;
      response.setHeader('ETag', '"v1"');
      const isFresh = tag === undefined ? date !== undefined : tag.includes('"v1"');
      if (isFresh) response.writeHead(304).end();
      else set(response, html).end(page);
    };
    await withSite(framework.build([ours({ now })], conditional), async (port) => {
      const tag = (await send(port, '/')).header('etag')!;
      const headers = { 'if-none-match': tag, 'if-modified-since': new Date(instant).toUTCString() };
      expect((await send(port, '/', { headers })).status).toBe(304);
      now.advance(86_400);
      expect((await send(port, '/', { headers })).status).toBe(200);
    });
  });

  test('the conditions that an app sees are those of the type that it sets last, and may be taken away', async () => {
    const tag = (await ask({}, (_, response) => set(response, year).end(page))).header('etag')!;
    const seen: unknown[] = [];
    await ask(
      {},
      (request, response) => {
        for (const type of ['text/html', 'image/png']) {
          response.setHeader('Content-Type', type);
          seen.push(request.headers['if-none-match']);
        }
        response.end();
      },
      { headers: { 'if-none-match': '"png"' } },
    );
    await ask(
      {},
      (request, response) => {
        delete request.headers['if-none-match'];
        set(response, html);
        seen.push(request.headers['if-none-match']);
        response.end(page);
      },
      { headers: { 'if-none-match': tag } },
    );
    expect(seen).toEqual([undefined, '"png"', undefined]);
  });

  test('what one mount has given out counts for the next one', async () => {
    let hero = '';
    const give = (request: Express.Request, _response: unknown, next: () => void): void => {
      hero = request.signImage(url('card'), undefined, { ttl: 60 });
      next();
    };
    const mounts = [imageSigner(base), give as never, ours({ ttl: '2d' })];
    const body = (): string => `<img src="${hero.replace('&', '&amp;')}">`;
    const listener = framework.build(mounts, (_request, response) =>
      set(response, { ...html, 'Cache-Control': 'max-age=99999' }).end(body()),
    );
    const { text, header } = await withSite(listener, (port) => send(port, '/'));
    expect([text, header('cache-control')]).toEqual([body(), 'max-age=30']);
  });

  test("early hints that are none are Node's to judge", async () => {
    const outcomes = (mounts: readonly Middleware[]) =>
      Promise.all(
        [{ link: 123 }, { link: null }, null, undefined, {}].map(async (hints) => {
          let outcome: unknown;
          const handler: Handler = (_request, response) => {
            try {
              outcome = response.writeEarlyHints(hints as never);
            } catch (error) {
              outcome = (error as { code?: string }).code ?? (error as Error).message;
            }
            response.end();
          };
          await withSite(framework.build(mounts, handler), (port) => send(port, '/'));
          return outcome;
        }),
      );
    expect(await outcomes([ours()])).toEqual(await outcomes([]));
  });
});
