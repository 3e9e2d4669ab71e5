/** The method QUERY (RFC 10008): conditional like GET, with a body that reaches the app. */
import { getRequestListener } from '@hono/node-server';
import express, { type Express } from 'express';
import expressFour from 'express4';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { imageSigner as honoSigner } from '../../src/hono.ts';
import { imageSigner } from '../../src/index.ts';
import { withSite } from '../support/frameworks.ts';
import { send } from '../support/raw.ts';
import { base, clockAt, countTokens, url } from '../support/samples.ts';

const page = `<img src="${url()}">`;
const aStep = 6 * 3600;
const long = 'Fri, 01 Jan 2100 00:00:00 GMT';
const body = '{"q":"cats"}';
const json = { 'content-type': 'application/json' };

describe.each<[string, () => Express]>([
  ['Express 4', expressFour],
  ['Express 5', express],
])('%s', (_, create) => {
  test("answers 304 to a page's own tag while its tokens last, and to no date", async () => {
    const now = clockAt();
    const app = create().use(imageSigner({ ...base, now }));
    app.all('/', (_request, response) => {
      response.set('Last-Modified', 'Mon, 01 Jan 2024 00:00:00 GMT').send(page);
    });
    await withSite(app, async (port) => {
      const ask = (conditions: object) =>
        send(port, '/', { method: 'QUERY', body, headers: { ...json, ...conditions } });
      const tag = (await ask({})).header('etag')!;
      expect((await ask({ 'if-none-match': tag })).status).toBe(304);
      expect((await ask({ 'if-modified-since': long, accept: '*/*' })).status).toBe(200);
      now.advance(aStep);
      const later = await ask({ 'if-none-match': tag, 'if-modified-since': long });
      expect([later.status, countTokens(later.text)]).toEqual([200, 1]);
    });
  });
});

describe('over fetch', () => {
  const query = (headers: object = {}): Request =>
    new Request('https://shop.example/', { method: 'QUERY', body, headers: { ...json, ...headers } });
  const answer = (etag = '"a"'): Response =>
    new Response(page, { headers: { 'content-type': 'text/html', etag } });

  test('the body reaches the app, and the conditions are those of the app', async () => {
    const sign = fetchSigner(base as never);
    const tag = (await sign(query(), () => answer())).headers.get('etag')!;
    const seen: unknown[] = [];
    await sign(query({ 'if-none-match': tag, 'if-modified-since': long }), async (request) => {
      const { headers, method } = request;
      seen.push(method, headers.get('if-none-match'), headers.get('if-modified-since'), await request.text());
      return answer();
    });
    expect(seen).toEqual(['QUERY', '"a"', null, body]);
  });

  test.each([
    ['has read', async (request: Request) => void (await request.text())],
    ['reads', async (request: Request) => void request.body!.getReader()],
  ])('a request whose body somebody %s before is answered all the same', async (_, read) => {
    const request = query({ 'if-modified-since': long, accept: 'text/html' });
    await read(request);
    const response = await fetchSigner(base as never)(request, ({ headers, method }) => {
      expect([method, headers.get('if-modified-since')]).toEqual(['QUERY', null]);
      return answer();
    });
    expect(countTokens(await response.text())).toBe(1);
  });

  test('Hono keeps a body that a middleware before has read', async () => {
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.json();
      await next();
    });
    app.use(honoSigner(base as never));
    app.all('/', async (c) => c.html(`${page}${(await c.req.json()).q}`));
    await withSite(getRequestListener(app.fetch), async (port) => {
      const headers = { ...json, 'if-none-match': '"x"', accept: 'text/html' };
      const { status, text } = await send(port, '/', { method: 'QUERY', body, headers });
      expect([status, countTokens(text), text.endsWith('cats')]).toEqual([200, 1, true]);
    });
  });
});
