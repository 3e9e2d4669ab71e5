/** Who stands between an app and its socket besides us: other copies of Express, other copies of this package, encoders, and thieves. */
import { ServerResponse } from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import express4 from 'express4';
import onHeaders from 'on-headers';
import { describe, expect, test, vi } from 'vitest';
import { imageSigner as fetchImageSigner } from '../../src/fetch.ts';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { protocol, responseSymbol } from '../../src/node/http/hooks.ts';
import { withSite } from '../support/frameworks.ts';
import { type RawResponse, send } from '../support/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;
const sign = (options: object = {}): express.RequestHandler =>
  imageSigner({ ...base, report: false, ...options } as ImageSignerOptions);
const sendPage: express.RequestHandler = (_, response) => void response.send(page);
const create4 = express4 as unknown as typeof express;

async function visit(
  app: express.Express,
  path = '/',
  headers: Record<string, string> = {},
): Promise<RawResponse> {
  return withSite(app, (port) => send(port, path, { headers }));
}

describe.each([
  ['Express 4 in Express 5', express, create4],
  ['Express 5 in Express 4', create4, express],
])('%s', (_name, outer, inner) => {
  test.each([
    [
      'mounted, with the middleware around it',
      (app: express.Express, mounted: express.Express) => app.use('/a', mounted),
      true,
      false,
    ],
    [
      'mounted, with the middleware in it',
      (app: express.Express, mounted: express.Express) => app.use('/a', mounted),
      false,
      true,
    ],
    [
      'mounted, with the middleware in both',
      (app: express.Express, mounted: express.Express) => app.use('/a', mounted),
      true,
      true,
    ],
    [
      'called as a function, with the middleware in it',
      (app: express.Express, called: express.Express) =>
        app.use('/a', (request, response, next) => called(request, response, next)),
      false,
      true,
    ],
    [
      'called as a function, with the middleware in both',
      (app: express.Express, called: express.Express) =>
        app.use('/a', (request, response, next) => called(request, response, next)),
      true,
      true,
    ],
  ] as const)('%s: pages are signed, in it and beside it', async (_title, mount, isAround, isIn) => {
    const [app, mounted] = [outer(), inner()];
    if (isAround) app.use(sign());
    if (isIn) mounted.use(sign());
    mounted.get('/page', sendPage);
    mount(app, mounted);
    app.get('/page', sendPage);
    for (const round of [1, 2]) {
      const within = await visit(app, '/a/page');
      expect([round, countTokens(within.text), withoutTokens(within.text)]).toEqual([round, 1, page]);
      expect([round, countTokens((await visit(app, '/page')).text)]).toEqual([round, isAround ? 1 : 0]);
    }
  });
});

describe.each([
  ['Express 4', create4],
  ['Express 5', express],
])('%s', (_name, create) => {
  test('what was assigned on the response of the app before stays below, and is called', async () => {
    const app = create();
    const seen: string[] = [];
    const { end } = app.response;
    app.response.end = function ended(this: express.Response, ...args: unknown[]) {
      seen.push(String(args[0]));
      return (end as (...each: unknown[]) => express.Response).apply(this, args);
    } as typeof end;
    app.use(sign(), sendPage);
    expect(countTokens((await visit(app)).text)).toBe(1);
    expect(seen).toHaveLength(1);
  });

  test('a package that patches Node.js later is called for each page', async () => {
    const app = create().use(sign(), sendPage);
    expect(countTokens((await visit(app)).text)).toBe(1);
    const end = vi.spyOn(ServerResponse.prototype, 'end');
    try {
      expect(countTokens((await visit(app)).text)).toBe(1);
      expect(end).toHaveBeenCalledOnce();
    } finally {
      end.mockRestore();
    }
  });

  test('compression after us is told once, and right; before us nothing is told', async () => {
    for (const [isAfter, expected] of [
      [true, [{ type: 'passed', reason: 'encoded-above' }]],
      [false, []],
    ] as const) {
      const events: ImageSignerEvent[] = [];
      const ours = sign({
        report: ({ page: _, ...event }: ImageSignerEvent) =>
          event.type === 'passed' && events.push(event as ImageSignerEvent),
      });
      const encoder = compression({ threshold: 0 }) as express.RequestHandler;
      const app = create().use(...(isAfter ? [ours, encoder] : [encoder, ours]), sendPage);
      for (let round = 0; round < 3; round++) {
        const { header, body } = await visit(app, '/', { 'accept-encoding': 'gzip' });
        expect(header('content-encoding')).toBe('gzip');
        expect(countTokens(gunzipSync(body).toString())).toBe(1);
      }
      expect(events).toEqual(expected);
    }
  });
});

/** As compression and express-session have them: they take two arguments, and pass on two. */
function twoArguments(): express.RequestHandler {
  return (_request, response, next) => {
    const { write, end } = response;
    type Two = (chunk: unknown, encoding: unknown) => never;
    response.write = ((chunk: unknown, encoding: unknown) =>
      (write as unknown as Two).call(response, chunk, encoding)) as never;
    response.end = ((chunk: unknown, encoding: unknown) =>
      (end as unknown as Two).call(response, chunk, encoding)) as never;
    next();
  };
}

type Call = (response: express.Response, done: () => void) => unknown;

test.each<[title: string, method: string, call: Call]>([
  ['write(text, done), end(done)', 'GET', (each, done) => each.write(page, (() => each.end(done)) as never)],
  [
    'write(bytes, done), end(done)',
    'GET',
    (each, done) => each.write(Buffer.from(page), (() => each.end(done)) as never),
  ],
  ['end(text, done)', 'GET', (each, done) => each.end(page, done)],
  ['end(text, done) for HEAD', 'HEAD', (each, done) => each.end(page, done)],
  [
    'end(done) behind what is held back',
    'GET',
    (each, done) => [each.write(page.slice(0, -3)), each.end(done)],
  ],
])('methods below that know two arguments call back: %s', async (_title, method, call) => {
  const app = express().use(twoArguments(), sign());
  let calls = 0;
  const called = new Promise<void>((resolve) => {
    app.use((_request, response) => {
      response.type('html');
      call(response, () => {
        calls++;
        resolve();
      });
    });
  });
  await withSite(app, async (port) => {
    const [{ isComplete, text }] = await Promise.all([send(port, '/', { method }), called]);
    expect([isComplete, calls, countTokens(text)]).toEqual([
      true,
      1,
      method === 'HEAD' || !text.endsWith('>') ? 0 : 1,
    ]);
  });
});

test('and so for a body that came encoded, in parts', async () => {
  const strict: express.RequestHandler = (_request, response, next) => {
    const { end } = response;
    // As express-session: what is no chunk is none, and all else is written.
    response.end = ((chunk: unknown, encoding: unknown) => {
      if (chunk !== undefined) response.write(chunk as Buffer);
      return (end as unknown as (...args: unknown[]) => unknown).call(response, undefined, encoding);
    }) as never;
    next();
  };
  const app = express().use(strict, sign());
  const called = new Promise<void>((resolve) => {
    app.use((_request, response) => {
      const encoded = gzipSync(page);
      response.type('html').set('Content-Encoding', 'gzip');
      response.write(encoded.subarray(0, 20));
      (response.end as (...args: unknown[]) => unknown)(encoded.subarray(20), resolve);
    });
  });
  await withSite(app, async (port) => {
    const [{ body, isComplete }] = await Promise.all([
      send(port, '/', { headers: { 'accept-encoding': 'gzip' } }),
      called,
    ]);
    expect([isComplete, countTokens(gunzipSync(body).toString())]).toEqual([true, 1]);
  });
});

test('a text stays a text for methods below, which may change it', async () => {
  const seen: unknown[] = [];
  const app = express().use((_request, response, next) => {
    const { end } = response;
    response.end = ((chunk: unknown, ...rest: unknown[]) => {
      seen.push(typeof chunk);
      return (end as (...args: unknown[]) => unknown).call(
        response,
        `${String(chunk)}<!-- below -->`,
        ...rest,
      );
    }) as never;
    next();
  }, sign());
  app.use((_request, response) => void response.type('html').end(page, 'utf8'));
  const { text } = await visit(app);
  expect([seen, countTokens(text), text.endsWith('<!-- below -->')]).toEqual([['string'], 1, true]);
});

test('a `skip` that answers is asked once', async () => {
  let asked = 0;
  const skip = (_request: unknown, response: ServerResponse): boolean => {
    asked++;
    response.writeHead(403, { 'content-type': 'text/html' }).end('no');
    return true;
  };
  const app = express().use(sign({ skip }));
  app.use((_request, response) => {
    response.on('error', () => {}); // as Node.js says it of a write after the end
    response.type('html').write(page);
  });
  const { status, text } = await visit(app);
  expect([status, text, asked]).toEqual([403, 'no', 1]);
});

test('a response that says by a property of its own that nothing is sent, as those of @fastify/express do', async () => {
  const app = express().use((_request, response, next) => {
    Object.defineProperty(response, 'headersSent', { value: false, configurable: true });
    onHeaders(response, () => {});
    next();
  }, sign());
  app.use((_request, response) => {
    response.setHeader('ETag', '"a"');
    response.setHeader('Content-Type', 'text/html');
    response.writeHead(200);
    response.write(page);
    response.end(page);
  });
  const { isComplete, text, header } = await visit(app);
  expect([isComplete, countTokens(text)]).toEqual([true, 2]);
  expect(header('etag')).toMatch(/-is\./);
});

/** A middleware that puts the methods back as they were, once the first part of a page comes to it. */
function thief(): express.RequestHandler {
  return (_request, response, next) => {
    const { write, end, writeHead } = response;
    response.write = function taken(this: ServerResponse, ...args: unknown[]) {
      Object.assign(response, { write, end, writeHead });
      return (write as (...each: unknown[]) => boolean).apply(this, args);
    } as typeof write;
    next();
  };
}

test('where a middleware below takes our methods off, no byte is lost, and it is told', async () => {
  const events: ImageSignerEvent[] = [];
  const app = express().use(
    thief() as never,
    sign({ report: (event: ImageSignerEvent) => event.type === 'passed' && events.push(event) }),
  );
  app.use((_request, response) => {
    response.type('html').write(`${page}<img src="https://imagedeliv`);
    response.write(`ery.net/x">${page}`);
    response.end('<p>end');
  });
  const { text, isComplete, header } = await visit(app);
  expect([isComplete, withoutTokens(text)]).toEqual([
    true,
    `${page}<img src="https://imagedelivery.net/x">${page}<p>end`,
  ]);
  expect([countTokens(text), header('cache-control')]).toEqual([1, 'no-cache']);
  expect(events).toMatchObject([{ type: 'passed', reason: 'interrupted', bytes: 0 }]);
});

test('where a middleware above ends a page past us, what was held back is told', async () => {
  const events: ImageSignerEvent[] = [];
  const app = express().use(
    sign({ report: (event: ImageSignerEvent) => event.type === 'passed' && events.push(event) }),
  );
  app.use((_request, response) => {
    response.type('html').write('<p>text</p><img src="https://imag');
    Reflect.apply(ServerResponse.prototype.end, response, []);
  });
  const { text } = await visit(app);
  expect(text).toBe('<p>text</p>');
  const held = '<img src="https://imag'.length;
  expect(events).toMatchObject([{ type: 'passed', reason: 'interrupted', bytes: held }]);
});

test('another version of the package in the process: the first one has the response, which is signed once', async () => {
  const app = express();
  app.use((_request, response, next) => {
    // What another version leaves on a response that it signs.
    Object.assign(response, { [responseSymbol]: { protocol: protocol + 1, outgoing: undefined } });
    next();
  });
  const events: ImageSignerEvent[] = [];
  app.use(
    sign({ report: (event: ImageSignerEvent) => event.type === 'passed' && events.push(event) }),
    sendPage,
  );
  const { text, header } = await visit(app);
  expect([text, header('cache-control'), events]).toEqual([page, undefined, []]);
});

test('over fetch, too', async () => {
  const response = new Response(page, { headers: { 'content-type': 'text/html' } });
  Object.assign(response, { [Symbol.for('image-signer.fetch')]: { protocol: protocol + 1 } });
  const signed = await fetchImageSigner({ ...base, report: false } as never)(
    new Request('http://localhost/'),
    () => response,
  );
  expect(signed).toBe(response);
});

test('a page under backpressure keeps its bytes while others are written', async () => {
  const pageOf = (at: number): string => `<p>${at}</p>`.repeat(60_000) + page;
  const app = express().use(sign());
  app.get('/:at', (request, response) => void response.send(pageOf(Number(request.params.at))));
  await withSite(app, async (port) => {
    const all = await Promise.all(Array.from({ length: 8 }, (_, at) => send(port, `/${at}`)));
    for (const [at, { text }] of all.entries())
      expect([at, withoutTokens(text) === pageOf(at), countTokens(text)]).toEqual([at, true, 1]);
  });
});
