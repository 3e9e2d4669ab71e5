/** Responses of `node:http`, Koa and Fastify that are no pages: their hooks wait, and each may still turn out to be a page. */
import { type RequestListener, ServerResponse } from 'node:http';
import fastify from 'fastify';
import Koa from 'koa';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner as fastifyImageSigner } from '../../src/fastify.ts';
import { imageSigner } from '../../src/index.ts';
import { imageSigner as koaImageSigner } from '../../src/koa.ts';
import type { Handler } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { base, countTokens, signerWith, url } from '../support/samples.ts';

type SignHelper = (image: string, variant: undefined, options: object) => string;

const page = `<!DOCTYPE html><img src="${url()}">`;
const html = 'text/html; charset=utf-8';

afterEach(() => void vi.unstubAllEnvs());

/** Apps whose handler has Node's own response. */
const servers: Readonly<
  Record<string, (handler: Handler, options: object) => RequestListener | Promise<RequestListener>>
> = {
  'node:http': (handler, options) => {
    const sign = imageSigner(options as never);
    return (request, response) => sign(request, response, () => handler(request, response));
  },
  Koa: (handler, options) => {
    const app = new Koa().use(koaImageSigner(options as never)).use((ctx) => {
      ctx.respond = false;
      ctx.res.statusCode = 200;
      handler(ctx.req, ctx.res);
    });
    return app.callback();
  },
  Fastify: async (handler, options) => {
    const app = fastify();
    app.register(fastifyImageSigner, options as never);
    app.get('/', (request, reply) => {
      reply.hijack();
      handler(request.raw, reply.raw);
    });
    await app.ready();
    return app.routing;
  },
};

describe.each(Object.entries(servers))('%s', (_name, create) => {
  const ask = async (
    handler: (response: ServerResponse) => void,
    options: object = {},
    headers: Readonly<Record<string, string>> = {},
  ) =>
    exchangeLater(
      await create((_request, response) => handler(response), { ...base, report: false, ...options }),
      '/',
      headers,
    );

  test.each<[string, (response: ServerResponse) => unknown]>([
    ['one that is set', (each) => each.setHeader('Content-Type', html)],
    [
      'one that is set behind another',
      (each) => each.setHeader('content-type', 'text/plain').setHeader('content-type', html),
    ],
    ['one that is appended', (each) => each.appendHeader('content-type', html)],
    ['one that `writeHead` gets', (each) => each.writeHead(200, { 'Content-Type': html })],
    ['one in a list of headers', (each) => each.writeHead(200, ['Content-Type', html])],
    [
      'one that `writeHead` gets on top of others',
      (each) => each.setHeader('X-A', '1').writeHead(200, { 'content-type': html }),
    ],
    [
      'one that `writeHead` gets, when another header has been removed',
      (each) => {
        each.setHeader('X-A', '1');
        each.removeHeader('X-A');
        each.writeHead(200, { 'Content-Type': html });
      },
    ],
    [
      'one that has no hook',
      (each) => {
        ServerResponse.prototype.setHeader.call(each, 'Content-Type', html);
        each.writeHead(200);
      },
    ],
    [
      'one that is set on top of a method of the app',
      (each) => {
        const { setHeader } = each;
        each.setHeader = function (this: ServerResponse, ...args) {
          return setHeader.call(this, args[0], `${args[1]}`);
        } as typeof setHeader;
        each.setHeader('Content-Type', html);
      },
    ],
  ])('a type makes a page, which is signed: %s', async (_kind, setType) => {
    const { text, header } = await ask((response) => {
      setType(response);
      response.end(page);
    });
    expect([countTokens(text), header('content-type'), header('cache-control')]).toEqual([
      1,
      html,
      'no-cache',
    ]);
  });

  test('JSON passes as it came, with its trailers', async () => {
    const { text, header } = await ask((response) => {
      response.writeHead(200, { 'content-type': 'application/json', trailer: 'Digest' });
      response.write('{}');
      response.addTrailers({ Digest: 'x' });
      response.end();
    });
    expect([text, header('content-type'), header('cache-control')]).toEqual([
      '{}',
      'application/json',
      undefined,
    ]);
  });

  test('a method that the app puts above the hooks stays there when a type comes', async () => {
    const seen: unknown[] = [];
    await ask((response) => {
      const { setHeader } = response;
      response.setHeader = function (this: ServerResponse, ...args) {
        seen.push(args[0]);
        return setHeader.apply(this, args);
      } as typeof setHeader;
      response.setHeader('Content-Type', html);
      response.setHeader('X-A', '1');
      response.end(page);
    });
    expect(seen).toEqual(['Content-Type', 'X-A']);
  });

  test('a tag that is not ours validates no page, in whatever case its field came', async () => {
    const { status, text } = await ask(
      (response) => {
        response.setHeader('ETag', '"a"');
        response.setHeader('Content-Type', html);
        response.statusCode = response.req.headers['if-none-match'] === '"a"' ? 304 : 200;
        response.end(page);
      },
      {},
      { 'If-None-Match': '"a"', accept: 'text/html' },
    );
    expect([status, countTokens(text)]).toEqual([200, 1]);
  });
});

test.each([
  [3_600, ['late-ttl']],
  [50, []],
])(
  'a URL that comes after JSON is held against the headers that `writeHead` alone got: max-age=%s',
  async (age, expected) => {
    vi.stubEnv('NODE_ENV', 'production'); // in development the head is made for each type that is not read
    const events: unknown[] = [];
    const sign = imageSigner({
      ...base,
      report: ({ reason }: { reason: string }) => events.push(reason),
    } as never);
    await exchangeLater((request, response) => {
      sign(request, response, () => {
        const control = { 'cache-control': `max-age=${age}` };
        response.writeHead(200, { 'content-type': 'application/json', ...control });
        (request as typeof request & { signImage: SignHelper }).signImage(url(), undefined, { ttl: 60 });
        response.end('{}');
      });
    }, '/');
    expect(events).toEqual(expected);
  },
);

test('contexts of Koa inherit the helpers, may have others, and keep those of the app', async () => {
  const create = (prepare: (app: Koa) => void, run: (ctx: Koa.Context) => unknown): RequestListener => {
    const app = new Koa();
    prepare(app);
    app.use(koaImageSigner({ ...base, report: false } as never));
    app.use((ctx) => {
      ctx.body = { answer: run(ctx) };
    });
    return app.callback();
  };
  const signed = signerWith().signImage(url());
  const cases: readonly (readonly [(app: Koa) => void, (ctx: Koa.Context) => unknown, unknown])[] = [
    [() => {}, (ctx) => [ctx['signImage'](url()), Object.hasOwn(ctx, 'signImage')], [signed, false]],
    [() => {}, (ctx) => Object.assign(ctx, { signImage: 1 })['signImage'], 1],
    [(app) => Object.assign(app.context, { signImage: 1 }), (ctx) => ctx['signImage'](url()), signed],
    [(app) => Object.freeze(app.context), (ctx) => ctx['signImage'](url()), signed],
  ];
  for (const [prepare, run, expected] of cases) {
    const { text } = await exchangeLater(create(prepare, run), '/');
    expect(JSON.parse(text)).toEqual({ answer: expected });
  }
});
