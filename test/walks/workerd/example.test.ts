/** The example Worker in the runtime that Cloudflare runs it in: pages signed at the edge, in front of any origin. */
import { createHash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  countTokens,
  id,
  key,
  otherAccount,
  otherId,
  signerWith,
  url,
  withoutTokens,
} from '../../support/samples.ts';
import {
  asBearer,
  bindings,
  inCookie,
  Origin,
  type RunningWorker,
  type Sent,
  send,
  sessionKey,
  sessionOf,
  startWorker,
} from '../../support/servers/worker.ts';

const origin = new Origin();
/** Whose pages are each viewer's own, and whose are for all. */
let own: RunningWorker;
let everybody: RunningWorker;
/** For all, too, and nobody has a session. */
let withoutSessions: RunningWorker;

beforeAll(async () => {
  const ORIGIN = await origin.start();
  const { SESSION_KEY: _none, ...rest } = bindings;
  [own, everybody, withoutSessions] = await Promise.all([
    startWorker({ ...bindings, ORIGIN }),
    startWorker({ ...bindings, ORIGIN, PAGES: 'everybody' }),
    startWorker({ ...rest, ORIGIN, PAGES: 'everybody' }),
  ]);
});
afterAll(async () => {
  await Promise.all([own?.stop(), everybody?.stop(), withoutSessions?.stop()]);
  origin.stop();
});

const html = { 'content-type': 'text/html; charset=utf-8' };
const page = `<p>text</p><img src="${url('card')}"><img src="${url('card', otherId)}">`;
const sendsPage: RequestListener = (_request, response) => void response.writeHead(200, html).end(page);
/** With the Worker's clock, which is the machine's. */
const verifies = (signed: string): boolean => signerWith({ now: Date.now }).verifyImage(signed).ok;
const srcs = (text: string): string[] =>
  Array.from(text.matchAll(/src="([^"]*)"/g), ([, src]) => src!.replaceAll('&amp;', '&'));

describe('a page', () => {
  test('has the pictures of its viewer signed, and the others as previews', async () => {
    origin.answers(sendsPage);
    for (const sent of [inCookie(await sessionOf()), asBearer(await sessionOf())]) {
      const { status, headers, text } = await send(own.address, '/', sent);
      const [hers = '', others] = srcs(text);
      expect(status).toBe(200);
      expect([withoutTokens(hers), verifies(hers)]).toEqual([url('card'), true]);
      expect(others).toBe(url('preview', otherId));
      expect(headers['cache-control']).toBe('private, no-cache');
    }
  });

  test('shows previews alone to whoever has no session, or none that counts', async () => {
    origin.answers(sendsPage);
    const session = await sessionOf();
    const [header, payload, mac] = session.split('.') as [string, string, string];
    const [, richer] = (await sessionOf({ images: [id, otherId] })).split('.');
    const secret = new TextEncoder().encode(sessionKey);
    const claims = () => new SignJWT({ images: [id] }).setSubject('ada').setExpirationTime('10m');
    const none = new UnsecuredJWT({ images: [id] }).setSubject('ada').setAudience('image-worker');
    const sessions: readonly Sent[] = [
      {},
      inCookie(''),
      inCookie(payload),
      inCookie(`${header}.${payload}.`),
      inCookie(`${header}..${mac}`),
      inCookie(`${header}.${richer}.${mac}`),
      inCookie(`${header}.${payload}.${mac.slice(0, -1)}`),
      inCookie(none.setExpirationTime('10m').encode()), // `alg: none`
      inCookie(await claims().setProtectedHeader({ alg: 'HS256' }).sign(secret)), // for any audience
      inCookie(
        await claims().setProtectedHeader({ alg: 'HS512' }).setAudience('image-worker').sign(secret), // another algorithm
      ),
      inCookie(await sessionOf({}, key)), // by the images' key
      inCookie(await sessionOf({ expiresAt: Math.floor(Date.now() / 1000) })),
      inCookie(await sessionOf({ images: undefined as never })),
      inCookie(await sessionOf({ images: ['x'.repeat(4000), id] })),
      inCookie(`${session}; session=${session}`),
      { headers: { authorization: `Basic ${session}` } },
      { headers: { authorization: `Bearer ${header}.${payload}.x`, cookie: `session=${session}` } },
    ];
    for (const sent of sessions) {
      const { text } = await send(own.address, '/', sent);
      expect(srcs(text), JSON.stringify(sent)).toEqual([url('preview'), url('preview', otherId)]);
    }
  });

  test('for everybody is signed without a session, and may be cached for half of the ttl', async () => {
    origin.answers((_request, response) =>
      response.writeHead(200, { ...html, 'cache-control': 'public, max-age=9999999', etag: '"a"' }).end(page),
    );
    const { headers, text } = await send(everybody.address, '/');
    expect([withoutTokens(text), srcs(text).every(verifies)]).toEqual([page, true]);
    expect(headers['cache-control']).toBe('public, max-age=43200');
    expect(headers.etag).toMatch(/^W\/"a-is\./);
  });

  test('of a site without sessions is signed without their key, and /sign is the site’s own', async () => {
    origin.answers((request, response) =>
      response.writeHead(200, html).end(request.url === '/' ? page : `<p>${request.url}</p>`),
    );
    const { text } = await send(withoutSessions.address, '/');
    expect([withoutTokens(text), srcs(text).every(verifies)]).toEqual([page, true]);
    for (const path of [`/sign/${url('card')}`, '/sign?url=x', '/sign'])
      expect((await send(withoutSessions.address, path)).text).toBe(`<p>${path}</p>`);
  });

  test('that the origin has compressed is signed all the same', async () => {
    origin.answers((_request, response) =>
      response.writeHead(200, { ...html, 'content-encoding': 'gzip' }).end(gzipSync(page)),
    );
    const { headers, text } = await send(everybody.address, '/');
    expect(headers['content-encoding']).toBeUndefined();
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, 2]);
    const zipped = await send(everybody.address, '/', { headers: { 'accept-encoding': 'gzip' } });
    expect(withoutTokens(gunzipSync(zipped.body).toString())).toBe(page);
  });
});

describe('the endpoint', () => {
  const byQuery = (image: string): string => `/sign?url=${encodeURIComponent(image)}`;
  const batch = (urls: readonly string[], headers: Sent['headers'] = {}): Sent => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ urls }),
  });

  test('signs by path, as the documented Worker does, by query, and many at once', async () => {
    const bearer = asBearer(await sessionOf());
    const byPath = await send(own.address, `/sign/${url('card')}`, bearer);
    const asked = await send(own.address, byQuery(url('card')), inCookie(await sessionOf()));
    const many = batch([url('card'), url('card', otherId)], bearer.headers);
    const { urls } = JSON.parse((await send(own.address, '/sign', many)).text);
    for (const signed of [byPath.text, asked.text, urls[url('card')].url])
      expect([withoutTokens(signed), verifies(signed)]).toEqual([url('card'), true]);
    expect(urls[url('card', otherId)]).toEqual({ error: expect.any(String) });
  });

  test('refuses whoever has no session, and the picture of somebody else, in the same words', async () => {
    const session = await sessionOf();
    for (const { address } of [own, everybody]) {
      const answers = [
        await send(address, byQuery(url('card'))),
        await send(address, byQuery(url('card')), asBearer(`${session}x`)),
        await send(address, byQuery(url('card', otherId)), asBearer(session)),
        await send(address, `/sign/${url('card', otherId)}`, asBearer(session)),
        await send(address, byQuery(url('hero')), asBearer(session)),
        await send(address, byQuery(url('card', id, otherAccount)), asBearer(session)),
      ];
      for (const { status, text } of answers)
        expect([status, text]).toEqual([403, 'This image is not signed for you.\n']);
      expect(countTokens((await send(address, '/sign', batch([url('card')]))).text)).toBe(0);
    }
  });
});

describe('the origin', () => {
  test('is asked for the path and the query as they are, with method, headers and body', async () => {
    const seen: unknown[] = [];
    origin.answers(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const { headers, method, url: path } = request;
      const forwarded = ['cookie', 'x-own', 'x-forwarded-host', 'x-forwarded-proto'].map(
        (name) => headers[name],
      );
      seen.push([method, path, body, ...forwarded]);
      response.end(headers.host);
    });
    const headers = {
      host: 'shop.example',
      cookie: 'a=b',
      'x-own': '1',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
    };
    const { text } = await send(own.address, '/a%2Fb//c?d=e%20f&g', {
      method: 'POST',
      headers,
      body: 'one=two',
    });
    expect(seen).toEqual([['POST', '/a%2Fb//c?d=e%20f&g', 'one=two', 'a=b', '1', 'shop.example', 'http']]);
    expect(text).toMatch(/^localhost:\d+$/);
  });

  test.each(['//evil.example/x', '/%5Cevil.example', '/@evil.example/x', '/:80@evil.example/'])(
    'is asked, and nobody else, for %s',
    async (path) => {
      origin.answers((request, response) => response.end(request.url));
      expect((await send(own.address, path)).text).toBe(path);
    },
  );

  test('sends its redirects and cookies to the visitor', async () => {
    origin.answers((_request, response) =>
      response.writeHead(303, { location: '/next', 'set-cookie': ['a=1; Path=/', 'b=2'] }).end(),
    );
    const { status, headers } = await send(own.address, '/', { method: 'POST', body: 'x' });
    expect([status, headers.location, headers['set-cookie']]).toEqual([303, '/next', ['a=1; Path=/', 'b=2']]);
  });

  test('may speak WebSocket', async () => {
    origin.upgrades(({ headers }, socket) => {
      const accept = createHash('sha1')
        .update(`${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`) // RFC 6455, 1.3
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write('\x81\x05hello', 'latin1'); // a frame with a text
    });
    const socket = connect(Number(new URL(own.address).port), 'localhost');
    socket.write(
      'GET /chat HTTP/1.1\r\nHost: shop.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      text += chunk;
      if (text.includes('hello')) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 101 /);
    socket.destroy();
  });

  test('that is down is a 502 in plain text', async () => {
    const gone = new Origin();
    const ORIGIN = await gone.start();
    gone.stop();
    const worker = await startWorker({ ...bindings, ORIGIN });
    const { status, headers, text } = await send(worker.address, '/');
    await worker.stop();
    expect([status, text]).toEqual([502, 'The site behind this address does not answer.\n']);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
});
