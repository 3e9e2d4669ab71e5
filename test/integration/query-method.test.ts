/** The method QUERY (RFC 10008) over fetch: conditional like GET, as in `conformance`, with a body that reaches the app. */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { imageSigner as honoSigner } from '../../src/hono.ts';
import { send } from '../support/http/raw.ts';
import { base, countTokens, url } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';

const page = `<img src="${url()}">`;
const long = 'Fri, 01 Jan 2100 00:00:00 GMT';
const body = '{"q":"cats"}';
const json = { 'content-type': 'application/json' };

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
