/** The signing endpoint in Koa and over the fetch standard: what it answers is tested with `node:http`; here, that it does. */
import bodyParser from '@koa/bodyparser';
import Koa from 'koa';
import mount from 'koa-mount';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import { signingEndpoint as fetchEndpoint } from '../../src/fetch.ts';
import { imageGuard, signingEndpoint } from '../../src/koa.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, countTokens, url } from '../support/samples.ts';

const json = { 'content-type': 'application/json' };
const batch = JSON.stringify({ urls: [url(), 'https://elsewhere.example/x'] });
const slowly = async (_image: unknown, viewer: unknown): Promise<boolean> => viewer !== undefined;

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
])('%s', (_name, Application) => {
  test.each([
    ['the stream', []],
    ['a parser', [bodyParser()]],
  ])('answers at its mount, with the body of %s, and leaves other paths alone', async (_title, before) => {
    const app = new Application();
    for (const each of before) app.use(each as never);
    app.use(mount('/sign', signingEndpoint({ ...base, authorize: slowly } as never)));
    app.use((ctx) => {
      ctx.body = 'other';
    });
    await withSite(app.callback(), async (port) => {
      const one = await send(port, `/sign?url=${encodeURIComponent(url())}`);
      expect([one.status, countTokens(one.text), one.header('cache-control')]).toEqual([200, 1, 'no-store']);
      expect((await send(port, `/sign/${url()}`)).status).toBe(200);
      const many = await send(port, '/sign', { method: 'POST', headers: json, body: batch });
      expect([many.status, countTokens(many.text)]).toEqual([200, 1]);
      expect((await send(port, `/sign/${url('huge')}`)).status).toBe(403);
      expect((await send(port, '/')).text).toBe('other');
    });
  });
});

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
])('%s', (_name, Application) => {
  test.each([
    ['an answer of the endpoint', `/sign/${url()}`, 200],
    ['a refusal of the endpoint', '/sign/x', 400],
    ['a refusal of the guard', `/images/a/b/thumb`, 403],
  ])(
    '%s is the context’s own: what is outside may still set a cookie, and makes nothing storable',
    async (_title, path, status) => {
      const app = new Application();
      const seen: unknown[] = [];
      app.on('error', (error) => seen.push(error));
      app.use(async (ctx, next) => {
        await next();
        seen.push(ctx.status, typeof ctx.body);
        ctx.cookies.set('visit', '2'); // as koa-session does
        ctx.set('Cache-Control', 'public, max-age=60'); // for all that the app answers
      });
      app.use(mount('/sign', signingEndpoint({ ...base, authorize: slowly } as never)));
      app.use(imageGuard({ ...base, delivery: '/images' } as never));
      const response = await withSite(app.callback(), (port) => send(port, path));
      expect([response.status, response.header('cache-control')]).toEqual([status, 'no-store']);
      expect(response.header('set-cookie')).toContain('visit=2');
      expect(seen).toEqual([status, 'string']);
    },
  );
});

describe('fetch', () => {
  const endpoint = fetchEndpoint({ ...base, path: '/sign', authorize: slowly } as never);
  const at = (path: string, init?: RequestInit): Request => new Request(`https://shop.example${path}`, init);

  test('answers at its path, and gives the rest to next, or 404', async () => {
    const one = await endpoint(at(`/sign/${url()}`));
    expect([one.status, countTokens(await one.text())]).toEqual([200, 1]);
    const many = await endpoint(at('/sign', { method: 'POST', headers: json, body: batch }));
    expect([many.status, countTokens(await many.text())]).toEqual([200, 1]);
    expect(await (await endpoint(at('/'), () => new Response('other'))).text()).toBe('other');
    expect((await endpoint(at('/'))).status).toBe(404);
    expect((await endpoint(at(`/sign/${url()}`, { method: 'HEAD' }))).body).toBeNull();
  });

  test('a body that is too long, used or broken is told in one line', async () => {
    const post = (body: string | ReadableStream): Request =>
      at('/sign', { method: 'POST', headers: json, body, duplex: 'half' } as RequestInit);
    expect((await endpoint(post(' '.repeat(64 * 1024 + 1)))).status).toBe(413);
    const used = post(batch);
    await used.text();
    expect((await endpoint(used)).status).toBeGreaterThanOrEqual(400);
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    expect((await endpoint(post(broken))).status).toBeGreaterThanOrEqual(400);
  });
});
