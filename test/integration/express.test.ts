/** What Express alone has: `res.send` and kin, views, static files, and neighbours such as `compression`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import compression from 'compression';
import express from 'express';
import express4 from 'express4';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageGuard, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { accountHash, base, countTokens, id, otherAccount, signerWith, url } from '../support/samples.ts';

type App = ReturnType<typeof express>;

const page = `<!DOCTYPE html><title>x</title><img src="${url()}"><img srcset="${url('thumb')} 1x, ${url('card')} 2x">${'<p>text</p>'.repeat(200)}`;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  writeFileSync(join(folder, 'page.html'), page);
  writeFileSync(join(folder, 'data.json'), '{}');
  writeFileSync(join(folder, 'picture.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
  writeFileSync(
    join(folder, 'view.ejs'),
    '<img src="<%= signImage(image, variant, options) %>"><img srcset="<%= signSrcset(image, candidates) %>">',
  );
  writeFileSync(
    join(folder, 'data.ejs'),
    '<script>var state = <%- JSON.stringify({ a: shop, b: own, c: settings.title }) %></script>',
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

function appOf(
  create: typeof express,
  options: object = {},
  before: express.RequestHandler[] = [],
  after: express.RequestHandler[] = [],
): App {
  const app = create();
  for (const each of before) app.use(each);
  app.use(imageSigner({ ...base, ...options } as ImageSignerOptions));
  for (const each of after) app.use(each);
  app.set('views', folder);
  app.set('view engine', 'ejs');
  return app;
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_name, create) => {
  test('a page that is left alone is sent whole, other kinds keep their 304', async () => {
    for (const options of [{ skip: () => true }, {}]) {
      const app = appOf(create, options);
      app.use((_, res, next) => {
        res.set('Cache-Control', 'no-transform');
        next();
      });
      app.use(create.static(folder, { cacheControl: false }));
      for (const [file, status] of [
        ['/page.html', 200],
        ['/picture.png', 304],
      ] as const) {
        const { headers, text } = await supertest(app).get(file).expect(200);
        if (status === 200) expect(text).toBe(page);
        await supertest(app).get(file).set('If-None-Match', headers['etag']!).expect(status);
      }
    }
  });

  test('brotli by compression is compressed after it is signed', async () => {
    const app = appOf(create, {}, [], [compression({ threshold: 0 })]);
    app.get('/page', (_, res) => void res.send(page));
    await withSite(app, async (port) => {
      const response = await send(port, '/page', { headers: { 'accept-encoding': 'br' } });
      expect(response.header('content-encoding')).toBe('br');
      expect(countTokens(brotliDecompressSync(response.body).toString())).toBe(3);
    });
  });

  test('error pages and redirects pass through', async () => {
    const app = appOf(create);
    app.get('/broken', () => {
      throw new Error(`<img src="${url()}">`);
    });
    app.get('/moved', (_, res) => res.redirect(url()));
    app.use(((error, _req, res, _next) => {
      res.status(500).send(`<h1>${error.message}</h1>`);
    }) satisfies express.ErrorRequestHandler);
    const failed = await supertest(app).get('/broken').expect(500);
    expect(countTokens(failed.text)).toBe(1);
    const moved = await supertest(app).get('/moved').set('Accept', 'text/html').expect(302);
    expect(moved.headers['location']).toBe(url());
    expect(countTokens(moved.text)).toBe(moved.text.includes('href=') ? 1 : 0);
  });

  test('a header that Node refuses leaves the error page to be decided anew', async () => {
    const app = appOf(create);
    app.get('/page', (_, res) => {
      res.type('html');
      res.writeHead(200, { 'X-Bad': 'a\nb' });
    });
    app.use(((_error, _req, res, _next) => {
      for (const name of ['X-Bad', 'Content-Type']) res.removeHeader(name);
      res.status(500).json({ image: url() });
    }) satisfies express.ErrorRequestHandler);
    const { body } = await supertest(app).get('/page').expect(500);
    expect(body).toEqual({ image: url() });
  });

  describe('views', () => {
    const render = (locals: object, options: object = {}): Promise<supertest.Response> => {
      const app = appOf(create, options);
      app.get('/', (_, res) =>
        res.render('view', { variant: undefined, candidates: undefined, options: undefined, ...locals }),
      );
      app.use(((error, _req, res, _next) => {
        res.status(500).json({ code: (error as { code?: string }).code, message: error.message });
      }) satisfies express.ErrorRequestHandler);
      return supertest(app)
        .get('/')
        .then((response) => response);
    };
    const signer = signerWith();

    test('have signImage and signSrcset; what they give out stays as it is', async () => {
      const { text } = await render({ image: url() });
      const escaped = (value: string): string => value.replaceAll('&', '&amp;');
      expect(text).toBe(
        `<img src="${escaped(signer.signImage(url()))}"><img srcset="${escaped(signer.signSrcset(url()))}">`,
      );
    });

    test.each<[title: string, image: unknown, reason: string]>([
      ['a picture of another site', 'https://www.gravatar.com/avatar/0', 'not-a-delivery-url'],
      ['a stored URL of another account', url('thumb', id, otherAccount), 'account-not-allowed'],
      ['a path', '/static/logo.svg', 'not-a-delivery-url'],
      ['an inline image', 'data:image/gif;base64,R0lGODlhAQABAAAAACw=', 'not-a-delivery-url'],
    ])(
      'data that is not to be signed comes back as it is, and is reported: %s',
      async (_title, image, reason) => {
        const events: ImageSignerEvent[] = [];
        const { text } = await render(
          { image },
          { accountHash, report: (event: ImageSignerEvent) => note(events, event) },
        );
        expect(text).toBe(`<img src="${image}"><img srcset="${image}">`);
        expect(events).toContainEqual({ type: 'skipped', url: image, reason });
      },
    );

    test.each([null, undefined])('%s prints nothing, and is reported as what it is', async (image) => {
      const events: ImageSignerEvent[] = [];
      const { text, status } = await render(
        { image },
        { report: (event: ImageSignerEvent) => note(events, event) },
      );
      expect(status).toBe(200);
      expect(text).toBe('<img src=""><img srcset="">');
      expect(events[0]).toEqual({ type: 'skipped', url: String(image), reason: 'not-a-delivery-url' });
    });

    test.each<[told: string, image: unknown]>([
      ['42', 42],
      ['false', false],
      ['object', { id }],
      ['object', [id]],
    ])('data that is no text is reported as %s', async (told, image) => {
      const events: ImageSignerEvent[] = [];
      await render({ image }, { report: (event: ImageSignerEvent) => note(events, event) });
      expect(events[0]).toEqual({ type: 'skipped', url: told, reason: 'not-a-delivery-url' });
    });

    test("a stored URL of a variant that is not on the list comes back; a template's own mistake is thrown", async () => {
      const { text } = await render({ image: url('original'), candidates: { thumb: '1x' } });
      expect(text.startsWith(`<img src="${url('original')}">`)).toBe(true);
      expect((await render({ image: url(), variant: 'original' })).status).toBe(500);
      expect((await render({ image: url(), variant: 'original' })).body.message).toContain(
        'thumb, card, preview',
      );
      expect((await render({ image: url(), candidates: { original: '1x' } })).status).toBe(500);
      expect((await render({ image: url(), candidates: { thumb: 320 } })).status).toBe(500);
      expect((await render({ image: null, variant: 'typo' })).status).toBe(500);
      expect((await render({ image: null, candidates: { typo: '1x' } })).status).toBe(500);
    });

    test.each([{ ttl: '1 day' }, { expiresAt: 1.5 }, { expires: 60 }])(
      'so are options that are wrong, with whatever data: %j',
      async (options) => {
        for (const image of [url(), 'https://www.gravatar.com/avatar/0', null]) {
          expect(await render({ image, options })).toMatchObject({
            status: 500,
            body: { code: 'INVALID_OPTION' },
          });
        }
      },
    );
  });

  describe('locals, where rewrite.locals is on', () => {
    test('the view gets signed copies; what the app holds is as it was', async () => {
      const shared = Object.freeze({ hero: url(), list: Object.freeze([url('card'), 'text']) });
      const app = appOf(create, { rewrite: { locals: true, html: false } });
      app.locals['settingsOfTheApp'] = url();
      let after: unknown;
      app.get('/', (_, res) => {
        res.locals['shop'] = shared;
        const own = { nested: { hero: url('card') } };
        res.render('data', { own, settings: { title: 'x' } }, (error, html) => {
          if (error) throw error;
          res.locals['written'] = true;
          after = [res.locals['shop'], own];
          res.send(html);
        });
      });
      const { text } = await supertest(app).get('/').expect(200);
      const signer = signerWith();
      expect(JSON.parse(/= (.*)<\/script>/.exec(text)![1]!)).toEqual({
        a: { hero: signer.signImage(url()), list: [signer.signImage(url('card')), 'text'] },
        b: { nested: { hero: signer.signImage(url('card')) } },
        c: 'x',
      });
      expect(after).toEqual([
        { hero: url(), list: [url('card'), 'text'] },
        { nested: { hero: url('card') } },
      ]);
    });

    test('a value that will not be looked at leaves the data as it is, and is reported', async () => {
      const events: ImageSignerEvent[] = [];
      const app = appOf(create, {
        rewrite: { locals: true, html: false },
        report: (event: ImageSignerEvent) => note(events, event),
      });
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      app.get('/', (_, res) => {
        Object.assign(res.locals, { shop: url(), own: 1, settings: {}, strange: { proxy } });
        res.render('data');
      });
      const { text } = await supertest(app).get('/').expect(200);
      expect(text).toContain(url());
      expect(events).toEqual([{ type: 'passed', reason: 'internal-error' }]);
    });

    test('is off by itself', async () => {
      const app = appOf(create);
      app.get('/', (_, res) => {
        res.locals['shop'] = url();
        res.render('data', { own: url(), settings: {} });
      });
      const { text } = await supertest(app).get('/').expect(200);
      expect(countTokens(text)).toBe(0);
    });

    test('a render callback in the place of options still works', async () => {
      const app = appOf(create, { rewrite: { locals: true } });
      app.get('/', (_, res) => {
        Object.assign(res.locals, { shop: url(), own: 1, settings: {} });
        res.render('data', (_error: Error, html: string) => void res.type('txt').send(html));
      });
      const { text } = await supertest(app).get('/').expect(200);
      expect(countTokens(text)).toBe(1);
    });
  });

  test('the guard in front of express.static delivers files by their type, with the freshness of their tokens', async () => {
    const signer = signerWith({ delivery: '/images', accountHash });
    const files = mkdtempSync(join(folder, 'images-'));
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(files, id));
    writeFileSync(join(files, id, 'thumb.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
    const app = create();
    app.use(
      `/images/${accountHash}`,
      imageGuard({ signer }),
      create.static(files, { extensions: ['png'], cacheControl: false }),
    );
    const signed = signer.signImage(id, 'thumb');
    const left = Number(/exp=(\d+)/.exec(signed)![1]) - base.now!() / 1000;
    const image = await supertest(app).get(signed).expect(200);
    expect(image.headers['content-type']).toBe('image/png');
    expect(image.headers['cache-control']).toBe(`private, max-age=${left}`);
    const again = await supertest(app).get(signed).set('If-None-Match', image.headers['etag']!).expect(304);
    expect(again.headers['cache-control']).toBe(`private, max-age=${left}`);
    await supertest(app).get(signed).set('Range', 'bytes=0-3').expect(206);
    await supertest(app).get(`/images/${accountHash}/${id}/thumb`).expect(403);
    await supertest(app)
      .get(signer.signImage('no-such-image', 'thumb'))
      .expect(404)
      .expect('Cache-Control', 'no-store');
  });
});
