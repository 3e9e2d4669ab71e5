/**
 * Views of an app that takes a response over after the middleware has seen it: behind bare `node:http`, Connect, or
 * another app of Express, of the same copy or of the other version.
 */
import type { ServerResponse } from 'node:http';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner, type Middleware } from '../../src/index.ts';
import { send } from '../support/http/raw.ts';
import { base, countTokens, signerWith, url } from '../support/samples.ts';
import { type CreateExpress, expresses } from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';

const sign = (options: object = {}): Middleware =>
  imageSigner({ ...base, rewrite: { locals: true, html: false }, ...options } as ImageSignerOptions);

/** Shows its data as JSON, with the helper where there is one. */
function engine(_path: string, options: object, done: (error: Error | null, text: string) => void): void {
  const { shop, own, settings } = options as Record<string, unknown>;
  done(null, JSON.stringify({ shop, own, hasSettings: settings !== undefined }));
}

function appOf(create: CreateExpress): express.Express {
  const app = create();
  app
    .engine('ejs', engine as never)
    .set('views', import.meta.dirname + '/../bench/views')
    .set('view engine', 'ejs');
  app.get('/', (_, response) => {
    response.locals['shop'] = { hero: url() };
    response.render('shop', { own: url('card') });
  });
  app.get('/callback', (_, response) => {
    response.locals['shop'] = url();
    response.render('shop', (_error: Error, text: string) => void response.type('txt').send(text));
  });
  return app;
}

const signer = signerWith();
const expected = JSON.stringify({
  shop: { hero: signer.signImage(url()) },
  own: signer.signImage(url('card')),
  hasSettings: true,
});

async function expectSigned(listener: Listener): Promise<void> {
  await withSite(listener, async (port) => {
    for (let times = 0; times < 2; times++) {
      const { status, text } = await send(port, '/');
      expect([status, text]).toEqual([200, expected]);
    }
    const { status, text } = await send(port, '/callback');
    expect([status, countTokens(text)]).toEqual([200, 1]);
  });
}

type Listener = Parameters<typeof withSite>[0];
const call =
  (app: express.Express): express.RequestHandler =>
  (request, response) =>
    app(request, response);
/** Bare `node:http`, which may do something with a response before. */
const bare = (app: Listener, before: (response: ServerResponse) => void = () => {}): Listener => {
  const middleware = sign();
  return (request, response) => {
    before(response);
    middleware(request, response, () => app(request, response));
  };
};

function withoutRender(app: express.Express): express.Express {
  Object.assign(app.response, { render: undefined });
  return app;
}

function putOver(response: ServerResponse): void {
  Object.setPrototypeOf(response, Object.create(Object.getPrototypeOf(response) as object) as object);
}

const outer: readonly (readonly [name: string, outer: (app: express.Express) => Listener])[] = [
  ['bare node:http', (app) => bare(app)],
  [
    'Connect',
    (app) =>
      connect()
        .use(sign() as never)
        .use(app as never),
  ],
  ['an app of Express 4', (app) => (express4() as express.Express).use(sign()).use(call(app))],
  ['an app of Express 5', (app) => express().use(sign()).use(call(app))],
  ['an app of Express 5 that mounts it', (app) => express().use(sign()).use(app)],
  ['an app of Express that renders nothing', (app) => withoutRender(express()).use(sign()).use(call(app))],
  ['a handler that puts the response over another object', (app) => bare(app, putOver)],
];

describe.each(expresses)('a view of %s', (_name, create) => {
  test.each(outer)(
    'behind %s has its data signed, also where the app has a render of its own',
    async (_where, around) => {
      const app = appOf(create);
      await expectSigned(around(app));
      const calls: string[] = [];
      const { render } = app.response;
      app.response.render = function named(this: express.Response, ...args: unknown[]) {
        calls.push(String(args[0]));
        return Reflect.apply(render, this, args);
      } as typeof render;
      await expectSigned(around(app));
      expect(calls).toEqual(['shop', 'shop', 'shop']);
    },
  );

  test('behind bare node:http a render that a middleware puts around it is the one that is called', async () => {
    const app = create();
    const seen: unknown[] = [];
    app.use((_request, response, next) => {
      const { render } = response;
      seen.push(response.render === render, 'render' in response);
      response.render = ((...args: unknown[]) => {
        seen.push('around');
        return Reflect.apply(render, response, args);
      }) as typeof render;
      next();
    }, appOf(create));
    await withSite(bare(app), async (port) => expect((await send(port, '/')).text).toBe(expected));
    expect(seen).toEqual([true, true, 'around']);
  });
});

test('where no app takes the response over there is no render, as without us', async () => {
  const plain: Listener = (_, response) => response.end(typeof (response as { render?: unknown }).render);
  await withSite(bare(plain), async (port) => expect((await send(port, '/')).text).toBe('undefined'));
});
