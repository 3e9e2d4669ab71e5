/** Hono on Node.js where it leaves the globals alone: its requests are then of a class that `Request` does not know. */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { imageSigner } from '../../../src/hono.ts';
import { type RawRequest, send } from '../../support/http/raw.ts';
import { base, countTokens, url } from '../../support/samples.ts';
import { withSite } from '../../support/servers/frameworks.ts';

const page = `<img src="${url()}">`;
const accept = 'text/html';

test.each<[title: string, request: RawRequest, seen: string]>([
  ['no condition', { headers: { accept } }, ''],
  ['a foreign tag', { headers: { accept, 'if-none-match': '"x"' } }, ''],
  ['a date', { headers: { accept, 'if-modified-since': new Date(0).toUTCString() } }, ''],
  ['a range', { headers: { accept, range: 'bytes=0-2' } }, ''],
  ['HEAD', { method: 'HEAD', headers: { accept, 'if-none-match': '*' } }, ''],
  ['QUERY with a body', { method: 'QUERY', headers: { accept, range: 'bytes=0-2' }, body: 'a=1' }, 'a=1'],
  ['POST with a body', { method: 'POST', headers: { accept, 'if-match': '"x"' }, body: 'a=1' }, '"x"a=1'],
])('a request with %s gets its page', async (_title, request, seen) => {
  const app = new Hono().use(imageSigner({ ...base, report: false } as never));
  app.all('/', async (c) => {
    const fields = ['if-none-match', 'if-modified-since', 'if-match', 'range'].map((name) =>
      c.req.header(name),
    );
    return c.html(page + fields.join('') + (await c.req.text()), 200, { etag: '"a"' });
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  await withSite(listener, async (port) => {
    const { status, text, header } = await send(port, '/', request);
    expect([status, header('etag')]).toEqual([200, expect.stringMatching(/^W\/"a-is\./)]);
    if (request.method === 'HEAD') return;
    expect(countTokens(text)).toBe(1);
    expect(text.split('>')[1]).toBe(seen);
  });
});
