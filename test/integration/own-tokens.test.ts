/** Responses that are no pages, and hold tokens that the app has got from the helpers: what caches may make of them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { type App, servers } from '../support/any-server.ts';
import { note } from '../support/events.ts';
import { frameworks } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { base, clockAt, instant, url } from '../support/samples.ts';

const year = 'public, max-age=31536000';
const feed = { 'Content-Type': 'application/rss+xml', 'Cache-Control': year, ETag: '"a"' };

describe.each(servers)('$name', ({ build }) => {
  const signed =
    (headers: Record<string, string>, options?: object, variant = 'thumb', status = 200): App =>
    (signImage) => {
      const body = signImage(url(), variant, options);
      return { status, headers, body: status === 304 ? null : body };
    };

  test.each(['application/rss+xml', 'text/x-component', 'text/plain', 'application/json'])(
    '%s may be kept for half of the ttl, and its body and tag stay',
    async (type) => {
      const got = await build(base, signed({ ...feed, 'Content-Type': type }))();
      expect([got.header('cache-control'), got.header('etag')]).toEqual(['public, max-age=43200', '"a"']);
      expect(got.text).toMatch(/\?exp=\d+&sig=[0-9a-f]{64}$/);
    },
  );

  test('every field that caches read is limited', async () => {
    const headers = {
      ...feed,
      'CDN-Cache-Control': 'max-age=99999999',
      'Surrogate-Control': 'max-age=99999999',
      'X-Accel-Expires': '99999999',
      Expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
    };
    const { header } = await build(base, signed(headers))();
    expect([header('cdn-cache-control'), header('surrogate-control'), header('x-accel-expires')]).toEqual([
      'max-age=43200',
      'max-age=43200',
      '43200',
    ]);
    expect(Date.parse(header('expires')!)).toBe(instant + 43_200_000);
  });

  test('without a lifetime no-cache goes out', async () => {
    const { header } = await build(base, signed({ 'Content-Type': 'text/plain' }))();
    expect(header('cache-control')).toBe('no-cache');
  });

  test('only the ttl of the URLs that were given out counts', async () => {
    const options = { ...base, variants: { thumb: {}, card: { ttl: '1h' } } };
    expect((await build(options, signed(feed))()).header('cache-control')).toBe('public, max-age=43200');
    expect((await build(options, signed(feed, undefined, 'card'))()).header('cache-control')).toBe(
      'public, max-age=1800',
    );
    expect((await build(options, signed(feed, { ttl: 600 }))()).header('cache-control')).toBe(
      'public, max-age=300',
    );
  });

  test('a shorter lifetime and no-store stay', async () => {
    for (const given of ['max-age=60', 'no-store', 'private, max-age=5']) {
      const { header } = await build(base, signed({ ...feed, 'Cache-Control': given }))();
      expect(header('cache-control')).toBe(given);
    }
  });

  test('with authorize the app’s own scope stays if no helper asks it', async () => {
    const options = { ...base, authorize: () => true };
    const { header } = await build(options, signed(feed, { authorize: false }))();
    expect([header('cache-control'), header('etag')]).toEqual(['public, max-age=43200', '"a"']);
  });

  test.each([206, 301, 304, 404])('status %i is limited as well', async (status) => {
    const got = await build(base, signed(feed, undefined, 'thumb', status))();
    expect([got.status, got.header('cache-control')]).toEqual([status, 'public, max-age=43200']);
  });

  test('the answer to HEAD is limited as that to GET', async () => {
    const { header } = await build(base, signed(feed))({ method: 'HEAD' });
    expect(header('cache-control')).toBe('public, max-age=43200');
  });

  test.each([
    ['without a call of a helper', base, () => ({ headers: feed, body: url() })],
    ['for an always public variant', base, signed(feed, undefined, 'preview')],
    ['with rewrite: false', { ...base, rewrite: false }, signed(feed)],
    ['with headers: false', { ...base, rewrite: { headers: false } }, signed(feed)],
  ] as [string, object, App][])('%s nothing changes', async (_title, options, app) => {
    const { header } = await build(options, app)();
    expect([header('cache-control'), header('etag')]).toEqual([year, '"a"']);
  });

  test('skip is asked once, and leaves the response alone', async () => {
    let asked = 0;
    const skip = (): boolean => ++asked > 0;
    const { header } = await build({ ...base, skip }, signed(feed))();
    expect([header('cache-control'), asked]).toEqual([year, 1]);
  });

  test('a page that must not be transformed is limited, and passes', async () => {
    const headers = { 'Content-Type': 'text/html', 'Cache-Control': 'no-transform, max-age=99999999' };
    const got = await build(base, signed(headers))();
    expect(got.header('cache-control')).toBe('no-transform, max-age=43200');
    expect(got.text).toContain('&sig=');
  });

  test('where the clock goes wrong in between, no cache may store the response', async () => {
    let time = instant;
    const events: ImageSignerEvent[] = [];
    const options = { ...base, now: () => time, report: (event: ImageSignerEvent) => note(events, event) };
    const { header } = await build(options, (signImage) => {
      const body = signImage(url());
      time = Number.NaN;
      return { headers: feed, body };
    })();
    expect([header('cache-control'), header('etag')]).toEqual(['no-store', undefined]);
    expect(events).toEqual([{ type: 'passed', reason: 'internal-error' }]);
  });

  test('a slow app leaves less of the lifetime', async () => {
    const now = clockAt();
    const { header } = await build({ ...base, now }, (signImage) => {
      const body = signImage(url());
      now.advance(200);
      return { headers: feed, body };
    })();
    expect(header('cache-control')).toBe('public, max-age=43000');
  });
});

type Request = IncomingMessage & Express.Request;
type Sent = Awaited<ReturnType<typeof exchangeLater>> & { readonly events: readonly ImageSignerEvent[] };

describe.each(frameworks)('$name', (framework) => {
  async function ask(
    handler: (request: Request, response: ServerResponse) => void,
    before: (request: IncomingMessage, response: ServerResponse, next: () => void) => void = (_, __, next) =>
      next(),
    options: object = {},
  ): Promise<Sent> {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const middleware = imageSigner({ ...base, report, ...options } as never);
    const listener = framework.build([before as never, middleware], handler as never);
    return { ...(await exchangeLater(listener, '/')), events };
  }

  test.each<[title: string, args: unknown[]]>([
    ['an object', [feed]],
    ['a list', [Object.entries(feed).flat()]],
    ['a reason and an object', ['Fine', feed]],
  ])('headers that writeHead gets as %s are limited', async (_title, args) => {
    const { header } = await ask((request, response) => {
      const body = request.signImage(url());
      response.writeHead(200, ...(args as [never]));
      response.end(body);
    });
    expect([header('cache-control'), header('etag')]).toEqual(['public, max-age=43200', '"a"']);
  });

  test('an earlier middleware that stores the headers with the body sees the limited ones', async () => {
    const seen: unknown[] = [];
    await ask(
      (request, response) => {
        for (const [name, value] of Object.entries(feed)) response.setHeader(name, value);
        response.end(request.signImage(url()));
      },
      (_request, response, next) => {
        const { end } = response;
        response.end = ((...args: [never, never]) => {
          seen.push(response.getHeader('cache-control'));
          return end.apply(response, args);
        }) as never;
        next();
      },
    );
    expect(seen).toEqual(['public, max-age=43200']);
  });

  test('a second middleware with other options counts what the first one has given out', async () => {
    const { header } = await ask((request, response) => {
      for (const [name, value] of Object.entries(feed)) response.setHeader(name, value);
      const body = request.signImage(url());
      imageSigner({ ...base, ttl: '2d' } as never)(request as never, response as never, () =>
        response.end(body),
      );
    });
    expect(header('cache-control')).toBe('public, max-age=43200');
  });

  describe('a helper that is called after the headers went out', () => {
    const late =
      (send: (response: ServerResponse) => void, calls = 1) =>
      (request: Request, response: ServerResponse): void => {
        send(response);
        response.write('text ');
        for (let i = 0; i < calls; i++) response.write(request.signImage(url('thumb', `image-${i}`)));
        response.end();
      };
    const reported = [{ type: 'passed', reason: 'late-ttl' }];

    test.each<[headers: Record<string, string>, events: unknown[]]>([
      [feed, reported],
      [{ 'Content-Type': 'text/plain' }, reported],
      [{ ...feed, 'Cache-Control': 'max-age=60' }, []],
      [{ ...feed, 'Cache-Control': 'no-cache' }, []],
    ])('is reported unless the headers allow for it: %j', async (headers, events) => {
      const set = await ask(
        late((response) => {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        }, 3),
      );
      expect(set.events).toEqual(events);
      const given = await ask(late((response) => response.writeHead(200, headers)));
      expect(given.events).toEqual(events);
    });

    test('is not reported with headers: false', async () => {
      const { events } = await ask(
        late((response) => response.writeHead(200, feed)),
        undefined,
        { rewrite: { headers: false } },
      );
      expect(events).toEqual([]);
    });
  });
});

describe.each(frameworks.filter(({ isExpress }) => isExpress))('views of $name', (framework) => {
  test.each([
    [true, 'public, max-age=43200'],
    [false, year],
  ])('with rewrite.locals %s their data counts', async (locals, lifetime) => {
    const middleware = imageSigner({ ...base, rewrite: { locals } } as never);
    const listener = framework.build([middleware], (request, response) => {
      const app = (request as IncomingMessage & { readonly app: never }).app as {
        set(name: string, value: unknown): void;
      };
      app.set(
        'view',
        class {
          readonly path = 'view';
          render(data: { readonly image: string }, done: (e: null, text: string) => void): void {
            done(null, data.image);
          }
        },
      );
      response.setHeader('Content-Type', 'text/plain');
      response.setHeader('Cache-Control', year);
      (response as ServerResponse & { render(view: string, data: object): void }).render('view', {
        image: url(),
      });
    });
    const { header, text } = await exchangeLater(listener, '/');
    expect([header('cache-control'), text.includes('sig=')]).toEqual([lifetime, locals]);
  });
});

describe.each(frameworks)('$name', (framework) => {
  test('an answer in place of a page that Node refuses keeps its own length, and is limited', async () => {
    const listener = framework.build([imageSigner(base)], (request, response) => {
      const { signImage } = request as IncomingMessage & { signImage(image: string): string };
      const image = signImage(url());
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Content-Length', 1);
      response.statusMessage = 'a line\nand another';
      try {
        response.end(`<img src="${url()}">`);
      } catch {
        response.statusMessage = 'OK';
        response.setHeader('Content-Type', 'text/plain');
        response.setHeader('Content-Length', image.length);
        response.setHeader('Cache-Control', year);
        response.end(image);
      }
    });
    const { header, text } = await exchangeLater(listener, '/');
    expect([header('content-length'), header('cache-control')]).toEqual([
      String(text.length),
      'public, max-age=43200',
    ]);
    expect(text).toMatch(/sig=[0-9a-f]{64}$/);
  });
});

test('over fetch, a helper that is called while the body streams is reported', async () => {
  const events: ImageSignerEvent[] = [];
  const { build } = servers.find(({ name }) => name === 'fetch')!;
  const app: App = (signImage) =>
    ({
      headers: feed,
      body: new ReadableStream(
        {
          pull(controller) {
            controller.enqueue(Buffer.from(signImage(url())));
            controller.close();
          },
        },
        { highWaterMark: 0 },
      ),
    }) as never;
  const got = await build({ ...base, report: (event: ImageSignerEvent) => note(events, event) }, app)();
  expect(got.header('cache-control')).toBe(year);
  expect(events).toEqual([{ type: 'passed', reason: 'late-ttl' }]);
});
