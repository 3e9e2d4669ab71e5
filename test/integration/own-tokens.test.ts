/**
 * Responses that hold tokens which the app has got from the helpers, or from the signer, perhaps with a `ttl` or
 * `expiresAt` of their own: what caches may make of them, whether they are pages that are rewritten or not. Longer than
 * most files: a row for each kind of response.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, imageSigner, type Signer } from '../../src/index.ts';
import type { Source } from '../conformance/site.ts';
import { note } from '../support/events.ts';
import type { RawResponse } from '../support/http/raw.ts';
import { base, clockAt, countTokens, instant, signerWith, url } from '../support/samples.ts';
import { type App, type SignImage, servers } from '../support/servers/any-server.ts';
import { frameworks } from '../support/servers/frameworks.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const year = 'public, max-age=31536000';
const feed = { 'Content-Type': 'application/rss+xml', 'Cache-Control': year, ETag: '"a"' };
const html = { ...feed, 'Content-Type': 'text/html' };
const cut = 'public, max-age=43200';

const img = (...urls: string[]): string =>
  urls.map((each) => `<img src="${each.replaceAll('&', '&amp;')}">`).join('');

interface Given {
  readonly options?: object;
  readonly headers?: Record<string, string>;
  readonly variant?: string;
  /** Of the call of the helper. */
  readonly call?: object;
  readonly status?: number;
}

const appOf =
  ({ headers = feed, variant = 'thumb', call, status = 200 }: Given): App =>
  (signImage) => {
    const body = signImage(url(), variant, call);
    return { status, headers, body: status === 304 ? null : body };
  };

const ttls = { variants: { thumb: {}, card: { ttl: '1h' } } };
const saying = (control: string): Given => ({ headers: { ...feed, 'Cache-Control': control } });
const authorized = { authorize: () => true };

describe.each(servers)('a response of $name with a token of a helper', ({ build }) => {
  test.each<readonly [title: string, lifetime: string, given: Given]>([
    ['may be kept for half of the ttl', cut, {}],
    ...['text/x-component', 'text/plain', 'application/json'].map(
      (type) => [`so may ${type}`, cut, { headers: { ...feed, 'Content-Type': type } }] as const,
    ),
    [
      'is not kept where the app names no lifetime',
      'no-cache',
      { headers: { 'Content-Type': 'text/plain', ETag: '"a"' } },
    ],
    ['is limited by the variants that are given out alone', cut, { options: ttls }],
    ['is limited by the ttl of the variant', 'public, max-age=1800', { options: ttls, variant: 'card' }],
    ['is limited by the ttl of the call', 'public, max-age=300', { options: ttls, call: { ttl: 600 } }],
    ...['max-age=60', 'no-store', 'private, max-age=5'].map(
      (control) => [`keeps a shorter life: ${control}`, control, saying(control)] as const,
    ),
    ['stays shared where no helper asks authorize', cut, { options: authorized, call: { authorize: false } }],
    ...[206, 301, 304, 404].map((status) => [`is limited with status ${status}`, cut, { status }] as const),
    ['is as it was for an always public variant', year, { variant: 'preview' }],
    ['is as it was with rewrite: false', year, { options: { rewrite: false } }],
    ['is as it was with headers: false', year, { options: { rewrite: { headers: false } } }],
    ['is as it was where skip says so', year, { options: { skip: () => true } }],
  ])('%s', async (_title, lifetime, given) => {
    const got = await build({ ...base, ...given.options }, appOf(given))();
    expect([got.status, got.header('cache-control'), got.header('etag')]).toEqual([
      given.status ?? 200,
      lifetime,
      '"a"',
    ]);
    if (given.status !== 304) expect(countTokens(got.text)).toBe(given.variant === 'preview' ? 0 : 1);
    const head = await build({ ...base, ...given.options }, appOf(given))({ method: 'HEAD' });
    expect(head.header('cache-control')).toBe(lifetime);
  });

  test('is limited in every field that caches read', async () => {
    const names = ['CDN-Cache-Control', 'Surrogate-Control', 'X-Accel-Expires'];
    const headers = {
      ...feed,
      ...Object.fromEntries(
        names.map((name) => [name, name.startsWith('X') ? '99999999' : 'max-age=99999999']),
      ),
      Expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
    };
    const { header } = await build(base, appOf({ headers }))();
    expect(names.map(header)).toEqual(['max-age=43200', 'max-age=43200', '43200']);
    expect(Date.parse(header('expires')!)).toBe(instant + 43_200_000);
  });

  test('is as it was without a call', async () => {
    const { header } = await build(base, () => ({ headers: feed, body: url() }))();
    expect([header('cache-control'), header('etag')]).toEqual([year, '"a"']);
  });

  test('has skip asked once', async () => {
    let asked = 0;
    await build({ ...base, skip: () => ++asked > 0 }, appOf({}))();
    expect(asked).toBe(1);
  });

  test('that is a page which must not be transformed is limited, and passes', async () => {
    const headers = { 'Content-Type': 'text/html', 'Cache-Control': 'no-transform, max-age=99999999' };
    const got = await build(base, appOf({ headers }))();
    expect([got.header('cache-control'), countTokens(got.text)]).toEqual(['no-transform, max-age=43200', 1]);
  });

  test('may be stored by nobody where the clock goes wrong in between', async () => {
    let time = instant;
    const events: ImageSignerEvent[] = [];
    const options = { ...base, now: () => time, report: (event: ImageSignerEvent) => note(events, event) };
    const { header } = await build(options, (signImage) => {
      const body = signImage(url());
      time = Number.NaN;
      return { headers: feed, body };
    })();
    expect([header('cache-control'), header('etag')]).toEqual(['no-store', undefined]);
    expect(events).toMatchObject([{ type: 'passed', reason: 'untrusted-clock', error: { option: 'now' } }]);
  });

  test('lives less long where the app is slow', async () => {
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
type Neighbour = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

describe.each(frameworks)('$name', (framework) => {
  async function ask(
    handler: (request: Request, response: ServerResponse) => void,
    options: object = {},
    ...before: Neighbour[]
  ): Promise<Sent> {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): unknown => note(events, event);
    const middleware = imageSigner({ ...base, report, ...options } as never);
    const listener = framework.build([...(before as never[]), middleware], handler as never);
    return { ...(await exchangeLater(listener, '/')), events };
  }
  const sendFeed = (request: Request, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(feed)) response.setHeader(name, value);
    response.end(request.signImage(url()));
  };

  test.each<[title: string, args: unknown[]]>([
    ['an object', [feed]],
    ['a list', [Object.entries(feed).flat()]],
    ['a reason and an object', ['Fine', feed]],
  ])('headers that writeHead gets as %s are limited', async (_title, args) => {
    const { header } = await ask((request, response) => {
      const body = request.signImage(url());
      response.writeHead(200, ...(args as [never])).end(body);
    });
    expect([header('cache-control'), header('etag')]).toEqual([cut, '"a"']);
  });

  test('an earlier middleware that stores the headers with the body sees the limited ones', async () => {
    const seen: unknown[] = [];
    await ask(sendFeed, {}, (_request, response, next) => {
      const { end } = response;
      response.end = ((...args: [never, never]) => {
        seen.push(response.getHeader('cache-control'));
        return end.apply(response, args);
      }) as never;
      next();
    });
    expect(seen).toEqual([cut]);
  });

  test('a second middleware with other options counts what the first one has given out', async () => {
    const { header } = await ask((request, response) => {
      for (const [name, value] of Object.entries(feed)) response.setHeader(name, value);
      const body = request.signImage(url());
      const second = imageSigner({ ...base, ttl: '2d' } as never);
      second(request as never, response as never, () => response.end(body));
    });
    expect(header('cache-control')).toBe(cut);
  });

  test('an answer in place of a page that Node refuses keeps its own length, and is limited', async () => {
    const { header, text } = await ask((request, response) => {
      const image = request.signImage(url());
      response.setHeader('Content-Type', 'text/html').setHeader('Content-Length', 1);
      response.statusMessage = 'a line\nand another';
      try {
        response.end(img(url()));
      } catch {
        response.statusMessage = 'OK';
        response.setHeader('Content-Type', 'text/plain').setHeader('Content-Length', image.length);
        response.setHeader('Cache-Control', year).end(image);
      }
    });
    expect([header('content-length'), header('cache-control')]).toEqual([String(text.length), cut]);
    expect(text).toMatch(/sig=[0-9a-f]{64}$/);
  });

  const lateTtl = { type: 'passed', reason: 'late-ttl' };
  test.each<[headers: Record<string, string>, options: object, events: unknown[]]>([
    [feed, {}, [lateTtl]],
    [{ 'Content-Type': 'text/plain' }, {}, [lateTtl]],
    [{ ...feed, 'Cache-Control': 'max-age=60' }, {}, []],
    [{ ...feed, 'Cache-Control': 'no-cache' }, {}, []],
    [feed, { rewrite: { headers: false } }, []],
  ])(
    'a call after the headers %j is reported once, unless they allow for it',
    async (headers, options, events) => {
      for (const isSet of [true, false]) {
        const late = await ask((request, response) => {
          if (isSet) for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
          else response.writeHead(200, headers);
          response.write('text ');
          for (const image of ['a', 'b', 'c']) response.write(request.signImage(url('thumb', image)));
          response.end();
        }, options);
        expect(late.events).toEqual(events);
      }
    },
  );
});

describe.each(frameworks.filter(({ isExpress }) => isExpress))('views of $name', (framework) => {
  test.each([
    [true, cut],
    [false, year],
  ])('with rewrite.locals %s their data counts', async (locals, lifetime) => {
    const view = class {
      readonly path = 'view';
      render(data: { readonly image: string }, done: (e: null, text: string) => void): void {
        done(null, data.image);
      }
    };
    const middleware = imageSigner({ ...base, rewrite: { locals } } as never);
    const listener = framework.build([middleware], (request, response) => {
      (request as unknown as { app: Map<string, unknown> }).app.set('view', view);
      response.setHeader('Content-Type', 'text/plain').setHeader('Cache-Control', year);
      (response as unknown as { render(view: string, data: object): void }).render('view', { image: url() });
    });
    const { header, text } = await exchangeLater(listener, '/');
    expect([header('cache-control'), text.includes('sig=')]).toEqual([lifetime, locals]);
  });
});

/** What a page says of its life: its lifetime, and whether it has a tag. */
function lifeOf({ header }: Pick<RawResponse, 'header'>): [lifetime: string | undefined, hasTag: boolean] {
  return [header('cache-control'), header('etag') !== undefined];
}

const signerAt = (now: () => number): Signer => createSigner({ ...base, now });
const short = (signer: Signer): string => signer.signImage(url(), undefined, { ttl: 600 });
/** 600 seconds, and the rest of a step of 150: half of it. */
const halfOfShort = ['public, max-age=350', false];

describe.each(servers)('a page of $name with a URL that has a life of its own', ({ build }) => {
  test('keeps it while it is valid, may be kept for half of the time left, and has no tag', async () => {
    const now = clockAt();
    const signer = signerAt(now);
    const own = signer.signImage(url(), undefined, { expiresAt: now() / 1000 + 600 });
    const ask = build({ signer }, () => ({ headers: html, body: img(own, url('card')) }));
    for (const [seconds, isKept, ...life] of [
      [0, true, 'public, max-age=300', false],
      [500, true, 'public, max-age=50', false],
      [100, false, cut, true],
    ] as const) {
      now.advance(seconds);
      const page = await ask();
      expect([page.text.includes(img(own)), countTokens(page.text)]).toEqual([isKept, 2]);
      expect(lifeOf(page)).toEqual(life);
    }
  });

  test('counts those of the helpers of another response', async () => {
    let given: string | undefined;
    const ask = build(base, (signImage) => {
      given ??= signImage(url(), undefined, { ttl: 600 });
      return { headers: html, body: img(given) };
    });
    await ask();
    const page = await ask();
    expect([page.text, lifeOf(page)]).toEqual([img(given!), halfOfShort]);
  });

  test('gets it although it has come often without', async () => {
    const signer = signerWith();
    const unknown = short(signerWith());
    const ask = build({ signer }, () => ({ headers: html, body: img(unknown) }));
    for (let visit = 0; visit < 4; visit++) expect((await ask()).text).not.toBe(img(unknown));
    expect(short(signer)).toBe(unknown);
    for (let visit = 0; visit < 4; visit++) {
      const page = await ask();
      expect([page.text, lifeOf(page)]).toEqual([img(unknown), halfOfShort]);
    }
  });

  test('is as any where the URL outlasts the step', async () => {
    const signer = signerWith();
    const long = signer.signImage(url(), undefined, { ttl: '30d' });
    const page = await build({ signer }, () => ({ headers: html, body: img(long) }))();
    expect([page.text, lifeOf(page)]).toEqual([img(long), [cut, true]]);
  });

  test('asks authorize first', async () => {
    const signer = signerWith();
    const asked: string[] = [];
    const authorize = ({ variant }: { readonly variant: string }): boolean => asked.push(variant) < 0;
    const body = img(short(signer));
    const page = await build({ signer, authorize }, () => ({ headers: html, body }))();
    expect([page.text, asked]).toEqual([img(url()), ['thumb']]);
  });

  test('is not answered with 304', async () => {
    const signer = signerAt(clockAt());
    let body = img(url());
    const ask = build({ signer }, (_signImage, header) =>
      header('if-none-match')?.includes('"a"')
        ? { status: 304, headers: { ETag: '"a"', 'Cache-Control': year }, body: null }
        : { headers: html, body },
    );
    const tag = (await ask()).header('etag')!;
    expect((await ask({ headers: { 'if-none-match': tag } })).status).toBe(304);
    body = img(signer.signImage(url(), undefined, { ttl: 60 }));
    const stored = await ask({ headers: { accept: 'text/html' } });
    expect([stored.status, ...lifeOf(stored)]).toEqual([200, expect.stringMatching(/=3\d$/), false]);
  });

  test('may have it in Link, or be JSON', async () => {
    const signer = signerWith();
    const link = `<${short(signer)}>; rel=preload; as=image`;
    const json = { ...html, 'Content-Type': 'application/json' };
    for (const [headers, body] of [
      [{ ...html, Link: link }, '<p>text</p>'],
      [json, JSON.stringify([short(signer)])],
    ] as const) {
      const page = await build({ signer, rewrite: { json: true } }, () => ({ headers, body }))();
      expect([page.text, page.header('link'), lifeOf(page)]).toEqual([
        body,
        headers === json ? undefined : link,
        halfOfShort,
      ]);
    }
  });
});

describe('rewriteHtml', () => {
  const signer = signerWith();

  test('keeps the URLs of signImage and of each candidate of signSrcset, even with a longer ttl', () => {
    const srcset = signer.signSrcset(`${url()}#a, b,`, { thumb: '1x', card: '2x' }, { ttl: 600 });
    const page = `<img srcset="${srcset.replaceAll('&', '&amp;')}">${img(short(signer))}`;
    expect(signer.rewriteHtml(page, { ttl: '7d' })).toBe(page);
  });

  test('signs what nobody has given out in exactly this text', () => {
    const own = short(signer);
    for (const other of [
      own.replace(/exp=\d+/, 'exp=99999999999'),
      `${own}#top`,
      own.replace('https:', ''),
    ]) {
      const signed = signer.rewriteHtml(img(other));
      expect(signed).not.toBe(img(other));
      expect(countTokens(signed)).toBe(1);
    }
  });

  test('forgets some of many URLs, but none of the last thousand, however long they are', () => {
    const { signImage, rewriteHtml } = signerWith();
    const give = (image: string): string => signImage(url('thumb', image), undefined, { ttl: 600 });
    const [first, long] = [give('first'), give('x'.repeat(400))];
    expect(rewriteHtml(img(first, long))).toBe(img(first, long));
    const others = Array.from({ length: 15_000 }, (_, i) => give(`other-${i}`));
    const stays = (given: string): boolean => rewriteHtml(img(given)) === img(given);
    const kept = others.filter(stays).length;
    expect(kept).toBeGreaterThan(5_000);
    expect(kept).toBeLessThanOrEqual(10_000);
    expect(others.slice(-1_000).every(stays)).toBe(true);
  });

  test('takes names of an object’s own members for URLs of nobody', () => {
    const page = img('__proto__', 'constructor');
    expect(signer.rewriteHtml(page)).toBe(page);
  });
});

describe('over fetch, what comes after the headers is reported once:', () => {
  const { build } = servers.find(({ name }) => name === 'fetch')!;
  const signer = signerWith();
  const two = img(short(signer), signer.signImage(url(), undefined, { ttl: 60 }));

  test.each<[title: string, headers: Record<string, string>, parts: (sign: SignImage) => string[]]>([
    ['a call of a helper', feed, (sign) => [sign(url())]],
    ['a URL in a page', html, () => ['<p>', two]],
  ])('%s', async (_title, headers, parts) => {
    const events: ImageSignerEvent[] = [];
    const app: App = (signImage) => {
      let rest: string[] | undefined;
      const source: Source = {
        async next() {
          await new Promise(setImmediate);
          rest ??= parts(signImage);
          const part = rest.shift();
          return part === undefined ? { done: true, value: part } : { done: false, value: Buffer.from(part) };
        },
        return: async () => ({ done: true, value: undefined }),
      };
      return { headers, body: { source } };
    };
    const got = await build({ signer, report: (event: ImageSignerEvent) => note(events, event) }, app)();
    expect(got.header('cache-control')).toBe(headers === feed ? year : cut);
    expect(got.text).toBe(parts((image) => signer.signImage(image)).join(''));
    expect(events).toEqual([{ type: 'passed', reason: 'late-ttl' }]);
  });
});
