/** The guides: their code runs, and does what the page says. `recipes.test.ts` has what they copy. Longer than most files: each guide has its test. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import type { Express } from 'express';
import type {} from 'express-session';
import type { FastifyInstance } from 'fastify';
import type { Hono } from 'hono';
import type Koa from 'koa';
import sharp from 'sharp';
import supertest from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import { type CodeBlock, CodeFolder, listPages, readBlocks } from '../../support/package/documents.ts';
import { root } from '../../support/root.ts';
import { withSite } from '../../support/servers/frameworks.ts';

const account = 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A';
const token = /\?exp=(\d+)&(?:amp;)*sig=[0-9a-f]{64}/;
const day = 86_400;
const code = new CodeFolder();
const pictures = mkdtempSync(join(tmpdir(), 'image-signer-guides-'));
/** What the guides take from the environment. */
const environment = [
  'IMAGES_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'SUPABASE_S3_ID',
  'SUPABASE_S3_SECRET',
];

beforeAll(() => {
  for (const name of environment) vi.stubEnv(name, `${name.toLowerCase()}-for-the-guides`);
  vi.stubEnv('SUPABASE_URL', 'https://abc.supabase.co');
});
afterAll(() => {
  vi.unstubAllEnvs();
  code.remove();
  rmSync(pictures, { recursive: true });
});

const blocks = listPages()
  .filter((page) => page.startsWith('docs/guides/'))
  .flatMap((page) => readBlocks(page, 'ts'));

const holdsTests = ({ code: text }: CodeBlock): boolean => text.includes("from 'node:test'");

test.each(blocks.filter((block) => !holdsTests(block)))('$place runs', async (block) => {
  await expect(code.run(block.code)).resolves.toBeDefined();
});

/** The app of a guide, by the number of its block. */
async function appOf<App = Express>(
  guide: string,
  number = 1,
  change = (text: string) => text,
): Promise<App> {
  const block = readBlocks(`docs/guides/${guide}.md`, 'ts')[number - 1]!;
  return (await code.run(`${change(block.code)}\nexport { app };\n`))['app'] as App;
}

function srcOf(html: string): string {
  return /src="([^"]+)"/.exec(html)![1]!.replace('&amp;', '&');
}

/** Days until the token in a text ends, if it has one. */
function daysOf(text: string): number {
  return (Number(token.exec(text)?.[1]) - Date.now() / 1000) / day;
}

describe('each server signs the page of its guide', () => {
  /** The code of the first tab has a bucket, that of the second Cloudflare Images. */
  const tabs = [
    [1, 'a bucket', /&(?:amp;)*X-Amz-Signature=[0-9a-f]{64}/],
    [2, 'Cloudflare Images', token],
  ] as const;

  test.each(tabs)('Express, block %i: %s', async (number, _, signature) => {
    expect((await supertest(await appOf('express', number)).get('/')).text).toMatch(signature);
  });

  test('Express: handlers sign what a member may see', async () => {
    const app = await appOf('express', 3);
    const { body } = await supertest(app).get('/api/photos/photo-1').set('Cookie', 'session=member');
    expect(body.url).toMatch(token);
    expect(body.srcset).toMatch(/ 320w, .* 640w$/);
    await supertest(app).get('/api/photos/photo-1').expect(404);
    await supertest(app).get('/api/photos/photo-2').set('Cookie', 'session=member').expect(404);
  });

  test.each(tabs)('Koa, block %i: %s', async (number, _, signature) => {
    const app = await appOf<Koa>('koa', number);
    expect((await supertest(app.callback()).get('/')).text).toMatch(signature);
  });

  test.each(tabs)('Hono, block %i: %s', async (number, _, signature) => {
    const app = await appOf<Hono>('hono', number);
    expect(await (await app.request('/')).text()).toMatch(signature);
  });

  test.each(tabs)('Fastify, block %i: %s', async (number, _, signature) => {
    const app = await appOf<FastifyInstance>('fastify', number);
    expect((await app.inject('/')).body).toMatch(signature);
    await app.close();
  });

  test('Workers', async () => {
    const worker = (await code.run(readBlocks('docs/guides/workers.md', 'ts')[1]!.code))['default'] as {
      fetch(request: Request): Promise<Response>;
    };
    const response = await worker.fetch(new Request('https://shop.example/'));
    expect(await response.json()).toEqual({ url: expect.stringMatching(token) });
  });
});

/** What the app makes of the HTML that its guide shows. */
async function shownBy(guide: string): Promise<string> {
  const [html] = readBlocks(`docs/guides/${guide}.md`, 'html');
  const app = await appOf(guide);
  app.get('/shown', (_request, response) => void response.send(html!.code));
  return (await supertest(app).get('/shown').expect(200)).text;
}

test('every image of the guide to lazy loading is signed', async () => {
  const urls = (await shownBy('lazy-loading')).match(/https:\/\/imagedelivery\.net\/[^\s"]+/g);
  expect(urls).toHaveLength(11);
  for (const url of urls!) expect(url).toMatch(token);
});

test('a social card has no token, and a private one a long life', async () => {
  const [card, image] = (await shownBy('social-cards')).split('\n<img');
  expect(card).toContain(`${account}/photo-1/social"`);
  expect(image).toMatch(token);
  const { text, headers } = await supertest(await appOf('social-cards', 2)).get('/photos/1');
  expect(daysOf(text)).toBeGreaterThanOrEqual(29.9);
  expect(headers).not.toHaveProperty('etag');
});

test('a feed has long tokens, escaped for XML, and limits its own life', async () => {
  const { text, headers } = await supertest(await appOf('feeds')).get('/feed.xml');
  const [thumbnail = '', html = ''] = text.split('<content:encoded>');
  for (const part of [thumbnail, html]) expect(daysOf(part)).toBeGreaterThanOrEqual(29.9);
  expect(text).not.toMatch(/&(?!amp;|lt;|quot;)/);
  expect(headers['cache-control']).toBe('no-cache');
});

test('mail is signed for ninety days, and its public pictures are not', async () => {
  const [block] = readBlocks('docs/guides/mail.md', 'ts');
  const { mailOf } = (await code.run(block!.code)) as { readonly mailOf: (html: string) => string };
  expect(daysOf(mailOf(`<img src="${account}/photo-1/card">`))).toBeGreaterThanOrEqual(89.9);
  expect(mailOf(`<img src="${account}/photo-1/logo">`)).not.toMatch(token);
});

test('a stream sends its events signed, the first at once', async () => {
  const first = await withSite(await appOf('streams'), async (port) => {
    const leaving = new AbortController();
    const { body } = await fetch(`http://127.0.0.1:${port}/news`, { signal: leaving.signal });
    const { value } = await body!.getReader().read();
    leaving.abort();
    return Buffer.from(value!).toString();
  });
  expect(first).toMatch(/^event: photo\ndata: <img src="https:.*\?exp=\d+&amp;sig=[0-9a-f]{64}">\n\n$/);
});

describe('infinite scroll', () => {
  const [script] = readBlocks('docs/guides/infinite-scroll.md', 'js');

  test('JSON is signed', async () => {
    const { body } = await supertest(await appOf('infinite-scroll')).get('/photos');
    expect(body.photos).toEqual([expect.stringMatching(token)]);
  });

  test('the script of the page gets its images from the endpoint', async () => {
    const images = ['photo-1', 'of-somebody-else'].map((id) => ({
      dataset: { photo: `${account}/${id}/card` },
      src: '',
    }));
    await withSite(await appOf('infinite-scroll', 2), (port) => {
      const fetchThere = (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
      return new Function('fetch', `${script!.code}\nreturn show;`)(fetchThere)(images);
    });
    expect(images[0]!.src).toMatch(token);
    expect(images[1]!.src).toBe('');
  });
});

describe('pages that stay open', () => {
  const minute = 60_000;
  const renew = ['X-Image-Signer', 'renew'] as const;

  /** At the start, and then this much later: sessions live for 30 minutes. */
  const start = (): void => void vi.useFakeTimers({ toFake: ['Date'] });
  const later = (minutes: number): void => void vi.setSystemTime(Date.now() + minutes * minute);
  afterEach(() => vi.useRealTimers());

  const cookieOf = ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): string =>
    String(headers['set-cookie']).split(';')[0]!;

  test('each server sends the script as the package has it', async () => {
    const fastify = await appOf<FastifyInstance>('open-pages', 3);
    await fastify.ready();
    const hono = await appOf<Hono>('open-pages', 4);
    const express = await appOf('open-pages', 1);
    const servers = [
      express,
      (await appOf<Koa>('open-pages', 2)).callback(),
      fastify.server,
      getRequestListener(hono.fetch),
    ];
    const script = readFileSync(join(root, 'dist/client.global.js'), 'utf8');
    for (const server of servers) {
      const { text, headers } = await supertest(server).get('/image-signer.js').buffer().expect(200);
      expect(text).toBe(script);
      expect(headers['content-type']).toMatch(/^(?:text|application)\/javascript/);
      expect(headers['cache-control']).toMatch(/max-age=86400/);
    }
    await fastify.close();
    expect((await supertest(express).get('/')).text).toMatch(token);
  });

  test('a page logs what the script says', () => {
    const [listeners] = readBlocks('docs/guides/open-pages.md', 'js');
    const page = new EventTarget();
    const said: string[] = [];
    new Function('document', 'console', listeners!.code)(page, { log: said.push.bind(said) });
    page.dispatchEvent(new CustomEvent('imagesigner:renewed', { detail: { count: 3 } }));
    for (const status of [401, 0])
      page.dispatchEvent(new CustomEvent('imagesigner:stopped', { detail: { status } }));
    expect(said).toEqual([
      expect.stringContaining('3 URLs'),
      expect.stringContaining('401'),
      expect.stringContaining('a redirect'),
    ]);
  });

  test('the request of the script shows no message, and is no sign of a person', async () => {
    const app = await appOf('open-pages', 6);
    app.get('/order', (req, res) => {
      Object.assign(req.session, { message: 'Thank you!' });
      res.end();
    });
    start();
    const cookie = cookieOf(await supertest(app).get('/order'));
    const visit = (): supertest.Test => supertest(app).get('/').set('Cookie', cookie);
    expect((await visit().set(...renew)).text).toBe('<p></p>');
    expect((await visit()).text).toBe('<p>Thank you!</p>');
    expect((await visit()).text).toBe('<p></p>');
    later(20);
    await visit().expect(200);
    later(20);
    await visit()
      .set(...renew)
      .expect(200);
    later(20);
    await visit().expect(401);
  });

  test('the endpoint reads the session, and does not lengthen it', async () => {
    const app = await appOf('open-pages', 7);
    start();
    const cookie = cookieOf(await supertest(app).get('/login'));
    const own = `${account}/ada-1/thumb`;
    const ask = async (): Promise<string> => {
      const { body, headers } = await supertest(app)
        .post('/sign')
        .set('Cookie', cookie)
        .send({ urls: [own, `${account}/bob-1/thumb`] });
      expect(headers).not.toHaveProperty('set-cookie');
      expect(body.urls[`${account}/bob-1/thumb`]).toHaveProperty('error');
      return body.urls[own].url ?? body.urls[own].error;
    };
    expect(await ask()).toMatch(token);
    later(20);
    const page = await supertest(app).get('/').set('Cookie', cookie);
    expect(page.text).toMatch(token);
    expect(page.headers).toHaveProperty('set-cookie');
    later(20);
    expect(await ask()).toMatch(token); // the page has lengthened it
    later(20);
    expect(await ask()).not.toMatch(token);
  });
});

test('a paywall shows members the photo, and everybody else the preview', async () => {
  const app = await appOf('paywall');
  const guest = await supertest(app).get('/');
  expect(guest.text).toContain(`${account}/photo-1/preview"`);
  const member = await supertest(app).get('/').set('Cookie', 'session=member');
  expect(member.text).toMatch(token);
  for (const { headers } of [guest, member]) {
    expect(headers['cache-control']).toContain('private');
    expect(headers).not.toHaveProperty('etag');
  }
});

describe('deliver images yourself', () => {
  test.each([
    ['koa', 3],
    ['deliver-images', 1],
  ])('files need a token: %s', async (guide, number) => {
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
    await picture.toFile(join(pictures, 'thumb.webp'));
    const app = await appOf<Express & Koa>(guide, number, (text) =>
      text
        .replace("'/images/my-account',", "'/images/my-account/photo-1',")
        .replace("'pictures'", JSON.stringify(pictures)),
    );
    const server = guide === 'koa' ? app.callback() : app;
    const { text } = await supertest(server).get('/').set('Cookie', 'session=member');
    const passed = await supertest(server).get(srcOf(text)).expect(200);
    expect(passed.headers['cache-control']).toMatch(/^private, max-age=\d{5,6}$/);
    await supertest(server).get('/images/my-account/photo-1/thumb').expect(403);
    if (guide === 'koa') expect((await supertest(server).get('/')).text).not.toMatch(token);
  });

  test('sharp resizes what the guard lets through', async () => {
    const file = join(pictures, 'photo-1.jpg');
    await sharp({ create: { width: 2000, height: 1000, channels: 3, background: '#888' } }).toFile(file);
    const app = await appOf('deliver-images', 2, (text) =>
      text.replace("'pictures/photo-1.jpg'", JSON.stringify(file)),
    );
    app.get('/url', (request, response) => void response.send(request.signImage('photo-1', 'thumb')));
    const { body } = await supertest(app)
      .get((await supertest(app).get('/url')).text)
      .buffer()
      .parse((response, done) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => done(null, Buffer.concat(parts)));
      })
      .expect(200);
    expect(await sharp(body).metadata()).toMatchObject({ format: 'webp', width: 320, height: 160 });
    await supertest(app).get('/images/my-account/photo-1/thumb').expect(403);
  });
});

test('a guard that only reports lets everything pass', async () => {
  const app = await appOf('roll-out', 1, (text) => text.replace('console.warn(event)', '{}'));
  // 404 is of `express.static`: an enforcing guard would say 403.
  await supertest(app).get('/images/my-account/photo-1/thumb').expect(404);
  const enforcing = await appOf('roll-out', 1, (text) =>
    text.replace("mode: 'report'", "mode: 'enforce'").replace('console.warn(event)', '{}'),
  );
  await supertest(enforcing).get('/images/my-account/photo-1/thumb').expect(403);
});

describe('editors, forms and chat', () => {
  const storeIn = (app: Express) => supertest(app).post('/posts').set('Cookie', 'session=editor');
  const plain = `<p><img src="${account}/photo-1/card" srcset="${account}/photo-1/card 1x"></p>`;

  test('what an editor sends back is stored without tokens, and signed again', async () => {
    const { app, posts } = (await code.run(
      `${readBlocks('docs/guides/editors.md', 'ts')[0]!.code}\nexport { app, posts };\n`,
    )) as { readonly app: Express; readonly posts: { readonly cover: string; readonly body: string }[] };
    const edit = async () => (await supertest(app).get('/edit').set('Cookie', 'session=editor')).text;
    const store = (body: string, cover: string) => storeIn(app).send({ body, cover }).expect(204);
    await store(plain, '');
    const shown = await edit();
    expect(shown.match(/sig=/g)).toHaveLength(2);
    await store(shown.replace(/^<div[^>]*>|<\/div>$/g, ''), srcOf(shown));
    expect(posts.at(-1)).toEqual({ body: plain, cover: `${account}/photo-1/card` });
    expect(await edit()).toBe(shown);
  });

  test('a stranger neither sees nor stores an image', async () => {
    const app = await appOf('editors');
    await supertest(app).post('/posts').send({ body: plain, cover: '' }).expect(403);
    await storeIn(app).send({ body: plain, cover: '' }).expect(204);
    expect((await supertest(app).get('/edit')).text).toContain(plain);
  });

  test('a message goes to everybody without the token that its author has pasted', async () => {
    const [, chat] = readBlocks('docs/guides/editors.md', 'ts');
    const { signer, receive, sent } = (await code.run(
      `const sent: unknown[] = [];\n${chat!.code.replace('// to everybody', 'sent.push(_message); // to everybody')}\nexport { signer, receive, sent };\n`,
    )) as {
      readonly signer: ReturnType<typeof createSigner>;
      readonly receive: (message: object) => void;
      readonly sent: readonly unknown[];
    };
    const image = `${account}/photo-1/card`;
    receive({ room: 'a', text: `<3 ${signer.signImage(image)}, look!` });
    expect(sent).toEqual([{ room: 'a', text: `<3 ${image}, look!` }]);
  });

  test('content in JSON is signed if its member is named, and a textarea is not', () => {
    const json = JSON.stringify({ body: plain }).replaceAll('<', '\\u003c');
    const signer = createSigner({ key: 'images_key-for-the-guides', ttl: '1d', variants: ['card'] });
    const page = `<textarea>${plain}</textarea><script type="application/json">${json}</script>`;
    const [area, script] = signer.rewriteHtml(page, { fields: { body: 'html' } }).split('<script');
    expect(area).toBe(`<textarea>${plain}</textarea>`);
    expect(script!.match(/sig=/g)).toHaveLength(2);
  });
});

test('the tests of the guide to testing pass, and fail without the middleware', async () => {
  const [block] = readBlocks('docs/guides/testing.md', 'ts').filter(holdsTests);
  expect(await code.runTests(block!.code)).toMatch(/^# pass 3$/m);
  const unsigned = block!.code.replace(/^ {2}app\.use\(imageSigner.*\n/m, '');
  expect(unsigned).not.toBe(block!.code);
  await expect(code.runTests(unsigned)).rejects.toThrow();
});

test('the hooks of the guide to data save no token', async () => {
  const plain = { cover: `${account}/photo-1/card`, at: new Date(0) };
  const blockOf = (text: string): string =>
    readBlocks('docs/guides/data.md', 'js').find((block) => block.code.includes(text))!.code;
  const hooks = await code.run(`
    import { createSigner } from 'image-signer';
    export const signer = createSigner({ key: 'k', ttl: '1d', variants: ['card'] });
    export const ${blockOf('beforeChange').replace('hooks:', 'payload =').replace(/,\n$/, ';')}
    export const used = [];
    const strapi = { documents: { use: (hook) => used.push(hook) } };
    ${blockOf('strapi.documents')}
    ${blockOf('items.create')}
  `);
  const saved = (hooks['signer'] as ReturnType<typeof createSigner>).signData(plain);
  expect(saved.cover).toMatch(token);
  const { beforeChange } = hooks['payload'] as { beforeChange: ((call: object) => object)[] };
  expect(beforeChange[0]!({ data: saved })).toEqual(plain);
  const context = { params: { data: saved } };
  const [use] = hooks['used'] as ((context: object, next: () => void) => void)[];
  use!(context, () => {});
  expect(context.params.data).toEqual(plain);
  const filters = new Map<string, (payload: object) => object>();
  (hooks['default'] as (api: object) => void)({ filter: filters.set.bind(filters) });
  for (const event of ['items.create', 'items.update']) expect(filters.get(event)!(saved)).toEqual(plain);
});
