/**
 * Responses that are no pages: nothing is made for them, and each of them may still turn out to be a page.
 * Longer than most files: one table is for all servers of Node.
 */
import { type RequestListener, ServerResponse } from 'node:http';
import type express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner as signFastify } from '../../../src/fastify.ts';
import { imageSigner } from '../../../src/index.ts';
import { imageSigner as signKoa } from '../../../src/koa.ts';
import { KeepAliveConnection } from '../../support/http/keep-alive.ts';
import { base, countTokens, signerWith, url } from '../../support/samples.ts';
import { expresses, signing } from '../../support/servers/express-site.ts';
import { frameworks, type Handler, withSite } from '../../support/servers/frameworks.ts';
import { exchangeLater, type Fields } from '../../support/servers/in-memory.ts';

const page = `<!DOCTYPE html><img src="${url()}">`;
const html = 'text/html; charset=utf-8';
const options = { ...base, report: false } as never;

afterEach(() => void vi.unstubAllEnvs());

/** Apps whose handler has Node's own response, or what Express makes of it. */
const servers: readonly (readonly [
  string,
  (handler: Handler) => RequestListener | Promise<RequestListener>,
])[] = [
  ...frameworks.map(
    ({ name, build }) => [name, (handler: Handler) => build([imageSigner(options)], handler)] as const,
  ),
  [
    'Koa',
    (handler) => {
      const respond: Koa.Middleware = (ctx) => {
        Object.assign(ctx, { respond: false }).res.statusCode = 200;
        handler(ctx.req, ctx.res);
      };
      return new Koa().use(signKoa(options)).use(respond).callback();
    },
  ],
  [
    'Fastify',
    async (handler) => {
      const app = fastify();
      app.register(signFastify, options);
      app.get('/', (request, reply) => {
        reply.hijack();
        handler(request.raw, reply.raw);
      });
      await app.ready();
      return app.routing;
    },
  ],
];

describe.each(servers)('%s', (_name, create) => {
  const ask = async (handler: (response: ServerResponse) => void, headers: Fields = {}) =>
    exchangeLater(await create((_request, response) => handler(response)), '/', headers);

  const set = ServerResponse.prototype.setHeader;

  test.each<[title: string, setType: (response: ServerResponse) => unknown]>([
    ['one that is set behind another', (each) => typed(typed(each, 'text/plain'), html)],
    ['one that is appended', (each) => each.appendHeader('content-type', html)],
    ['one that `writeHead` gets', (each) => each.writeHead(200, { 'Content-Type': html })],
    ['one in a list of headers', (each) => each.writeHead(200, ['Content-Type', html])],
    [
      'one that `writeHead` gets on top of others',
      (each) => each.setHeader('X-A', '1').writeHead(200, { 'content-type': html }),
    ],
    [
      'one that `writeHead` gets, when another has been removed',
      (each) => {
        typed(each, 'text/plain').removeHeader('Content-Type');
        each.writeHead(200, { 'Content-Type': html });
      },
    ],
    [
      'one that has no hook, when Node.js has refused another',
      (each) => {
        set.call(each, 'Content-Type', html);
        expect(() => typed(each, 'text/plain\n')).toThrow('Invalid character');
        each.writeHead(200);
      },
    ],
    [
      'one that is set on an object that inherits from the response, and from its headers',
      (each) => typed(Object.create(each.setHeader('X-A', '1')) as ServerResponse, html),
    ],
    ['one that is set on a proxy of the response', (each) => typed(new Proxy(each, {}), html)],
    [
      'one that is set by a method of the app',
      (each) => {
        const { setHeader } = each;
        each.setHeader = (name, value) => setHeader.call(each, name, `${value}`) as never;
        typed(each, html);
      },
    ],
  ])('a type makes a page, which is signed: %s', async (_title, setType) => {
    const { text, header } = await ask((response) => {
      setType(response);
      response.end(page);
    });
    const told = [countTokens(text), header('content-type'), header('cache-control')];
    expect(told).toEqual([1, html, 'no-cache']);
  });

  test('a method that the app puts above the hooks stays there when a type comes', async () => {
    const seen: unknown[] = [];
    await ask((response) => {
      const { setHeader } = response;
      response.setHeader = (...args) => {
        seen.push(args[0]);
        return setHeader.apply(response, args) as never;
      };
      typed(response, html).setHeader('X-A', '1').end(page);
    });
    expect(seen).toEqual(['Content-Type', 'X-A']);
  });

  test('a tag that is not ours validates no page, in whatever case its field came', async () => {
    const conditions = { 'If-None-Match': '"a"', accept: 'text/html' };
    const { status, text } = await ask((response) => {
      typed(response.setHeader('ETag', '"a"'), html);
      response.statusCode = response.req.headers['if-none-match'] === '"a"' ? 304 : 200;
      response.end(page);
    }, conditions);
    expect([status, countTokens(text)]).toEqual([200, 1]);
  });

  test('another response to the same request is not taken for the first', async () => {
    let other: unknown = 'nothing';
    const { text } = await ask((response) => {
      const second = new ServerResponse(response.req);
      typed(Object.setPrototypeOf(second, Object.getPrototypeOf(response) as object), html).end(page);
      other = second.getHeader('cache-control');
      typed(response, html).end(page);
    });
    expect([other, countTokens(text)]).toEqual([undefined, 1]);
  });
});

function typed(response: ServerResponse, type: string): ServerResponse {
  return response.setHeader('Content-Type', type);
}

test.each([
  [3_600, ['late-ttl']],
  [50, []],
])(
  'a URL that comes after JSON is held against the headers of `writeHead`: max-age=%s',
  async (age, expected) => {
    vi.stubEnv('NODE_ENV', 'production'); // in development the head is made for each type that is not read
    const events: unknown[] = [];
    const report = ({ reason }: { reason: string }) => events.push(reason);
    const sign = imageSigner({ ...base, report } as never);
    const answer: RequestListener = (request, response) =>
      sign(request, response, () => {
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': `max-age=${age}` });
        (request as typeof request & express.Request).signImage(url(), undefined, { ttl: 60 });
        response.end('{}');
      });
    await exchangeLater(answer, '/');
    expect(events).toEqual(expected);
  },
);

test('contexts of Koa inherit the helpers, may have others, and keep those of the app', async () => {
  const signed = signerWith().signImage(url());
  const sign = (ctx: Koa.Context): unknown => ctx['signImage'](url());
  const cases: readonly (readonly [(app: Koa) => void, (ctx: Koa.Context) => unknown, unknown])[] = [
    [() => {}, (ctx) => [sign(ctx), Object.hasOwn(ctx, 'signImage')], [signed, false]],
    [() => {}, (ctx) => Object.assign(ctx, { signImage: 1 })['signImage'], 1],
    [(app) => Object.assign(app.context, { signImage: 1 }), sign, signed],
    [(app) => Object.freeze(app.context), sign, signed],
  ];
  for (const [prepare, run, expected] of cases) {
    const app = new Koa();
    prepare(app);
    app.use(signKoa(options)).use((ctx) => void Object.assign(ctx, { body: { answer: run(ctx) } }));
    expect(JSON.parse((await exchangeLater(app.callback(), '/')).text)).toEqual({ answer: expected });
  }
});

const get = (target: string): { text: string } => ({
  text: `GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
});

describe.each(expresses)('%s', (_name, create) => {
  test('a page is limited where the app gets a `writeHead` of its own while it is made', async () => {
    const app = create().use(signing(), (_request, response) => {
      const { writeHead } = app.response;
      app.response.writeHead = function cached(this: express.Response, ...args: unknown[]) {
        this.setHeader('Cache-Control', 'public, max-age=31536000');
        return Reflect.apply(writeHead, this, args);
      } as typeof writeHead;
      response.send(page);
    });
    const { header } = await exchangeLater(app as RequestListener, '/');
    expect(header('cache-control')).toBe('public, max-age=43200');
  });

  test('helpers sign when the response is over, and when another one has the connection', async () => {
    const later: (() => unknown)[] = [];
    const app = create().use(signing(), (request, response) => {
      const { signImage } = response.locals as { signImage(image: string): string };
      response.on('finish', () =>
        later.push(
          () => request.signImage(url()),
          () => signImage(url()),
        ),
      );
      response.json({});
    });
    await withSite(app, async (port) => {
      const connection = await KeepAliveConnection.open(port);
      for (let visit = 0; visit < 2; visit++) await connection.send(get('/'));
      connection.close();
    });
    const signed = signerWith().signImage(url());
    expect(later.map((each) => each())).toEqual([signed, signed, signed, signed]);
  });

  test('a response that fails half-way leaves nothing for the next one on its connection', async () => {
    const failing: Readonly<Record<string, (response: express.Response) => unknown>> = {
      '/typed': (response) => response.type('html'),
      '/helper': (response) => response.req.signImage?.(url()),
      '/tag': (response) => response.type('html').set('ETag', '"a"').set('Cache-Control', 'max-age=9'),
      '/refused': (response) => response.type('html').writeHead(200, { 'x-y': 'a\nb' }),
      '/data': (response) => response.type('json').status(201),
    };
    const app = create().use(signing());
    app
      .get('/page', (_, response) => void response.send(page))
      .get('/json', (_, each) => void each.json({ page }));
    app.use((request, response) => {
      failing[request.path]!(response);
      throw new Error('half-way');
    });
    app.use(
      ((_error, _request, response, _next) =>
        void response.status(500).type('txt').send('failed')) satisfies express.ErrorRequestHandler,
    );
    await withSite(app, async (port) => {
      const open = (): Promise<KeepAliveConnection> => KeepAliveConnection.open(port);
      const answerOf = async (connection: KeepAliveConnection, target: string): Promise<string> =>
        (await connection.send(get(target)))!.raw.toString('latin1').replace(/^Date: .*\r\n/m, '');
      const connection = await open();
      for (const next of ['/page', '/json']) {
        const fresh = await open();
        const alone = await answerOf(fresh, next);
        fresh.close();
        for (const target of Object.keys(failing)) {
          expect(await answerOf(connection, target)).toMatch(/^HTTP\/1\.1 500 .*failed$/s);
          expect(await answerOf(connection, next)).toBe(alone);
        }
      }
      connection.close();
    });
  });
});
