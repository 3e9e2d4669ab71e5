/**
 * The signing endpoint, asked for many URLs: bodies as clients send them, and as parsers leave them. What it answers is in
 * `conformance`. Longer than most files: a body comes in many ways.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import bodyParser from '@koa/bodyparser';
import express from 'express';
import express4 from 'express4';
import type Koa from 'koa';
import mount from 'koa-mount';
import { describe, expect, test } from 'vitest';
import { signingEndpoint as fetchEndpoint } from '../../src/fetch.ts';
import { type Middleware, signingEndpoint } from '../../src/index.ts';
import { signingEndpoint as koaEndpoint, imageGuard as koaGuard } from '../../src/koa.ts';
import { chunk, converse, head, writeAndDrain } from '../support/http/conversation.ts';
import { exchange, type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { base, url } from '../support/samples.ts';
import { ask, behind, byPath, endpointOptions, mountAt, post, signer } from '../support/servers/endpoint.ts';
import { frameworks, type Mount, withSite } from '../support/servers/frameworks.ts';
import { koaOf, koas } from '../support/servers/koa-site.ts';

const signed = signer.signImage(url());
const expiresAt = Number(/exp=(\d+)/.exec(signed)![1]);
const answer = { urls: { [url()]: { url: signed, expiresAt } } };
const request = { urls: [url()] };
const body = JSON.stringify(request);
const padded = body.padEnd(65_537);

function expectAnswer(response: RawResponse, expected: object = answer): void {
  expect([response.status, response.isComplete]).toEqual([200, true]);
  expect(JSON.parse(response.text)).toEqual(expected);
  expect(response.header('content-type')).toBe('application/json');
}

function expectRefusal(response: RawResponse, status: number): void {
  expect(response.status).toBe(status);
  expect(JSON.parse(response.text)).toEqual({ error: expect.stringMatching(/^Expected [^\n]*\.$/) });
}

/** A parser, as the app mounts it before the endpoint. */
const parser = (parse: unknown): Mount => parse as Middleware;
/** `express.text({ type: '*∕*' })` and its kin take whatever type there is. */
const any = { type: () => true, limit: '1mb' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

/** A parser that reads the whole body, and leaves what it makes of it. */
function leaving(make: (bytes: Buffer) => unknown): Middleware {
  return (given, _response, next) => {
    const chunks: Buffer[] = [];
    given.on('data', (bytes) => chunks.push(bytes));
    given.on('end', () => {
      Object.assign(given, { body: make(Buffer.concat(chunks)) });
      next();
    });
  };
}

describe.each(frameworks)('$name', (framework) => {
  const serveAt = <T>(run: (port: number) => Promise<T>, ...before: readonly Mount[]) =>
    withSite(framework.build([...before, mountAt(framework)], behind), run);
  const asked = (given: RawRequest, ...before: readonly Mount[]): Promise<RawResponse> =>
    ask(framework, '/sign', {}, given, before);
  const posted = (headers: Record<string, string | number>, sent: string): string =>
    head({ 'content-length': Buffer.byteLength(sent), ...headers }) + sent;

  test('a POST may have a query and a slash, and a target that is an absolute URL', () =>
    serveAt(async (port) => {
      for (const target of ['/sign/', '/sign?url=x', 'http://localhost/sign', 'http://localhost/sign/?a'])
        expectAnswer(await send(port, target, post(request)));
    }));

  test('several on one connection get several answers, and 101 URLs close none', () =>
    serveAt(async (port) => {
      const tooMany = posted({}, JSON.stringify({ urls: Array(101).fill(url()) }));
      const last = `GET ${byPath(url())} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
      const all = (await exchange(port, posted({}, body) + tooMany + posted({}, body) + last)).toString();
      const statuses = [200, 413, 200, 200].map((status) => `HTTP/1.1 ${status}`);
      expect(all.match(/HTTP\/1\.1 \d+/g)).toEqual(statuses);
      expect(all.split(signed)).toHaveLength(4);
    }));

  describe('a body that has not been read', () => {
    test.each<[title: string, given: RawRequest, status: number]>([
      ['no body', { method: 'POST', headers: json }, 400],
      ['JSON without a type', { method: 'POST', body }, 415],
      ['a byte too long', post(padded), 413],
      ['64 KiB to the byte', post(body.padEnd(65_536)), 200],
    ])('%s', async (_title, given, status) => {
      const response = await asked(given);
      if (status === 200) expectAnswer(response);
      else expectRefusal(response, status);
    });

    test('that comes byte by byte, or cut within a character, is read', () =>
      serveAt(async (port) => {
        const byBytes = await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ connection: 'close', 'transfer-encoding': 'chunked' }));
          for (const character of [...body, '']) await writeAndDrain(socket, chunk(character));
        });
        expectAnswer(byBytes);
        const green = url('thumb', 'grün');
        const bytes = Buffer.from(JSON.stringify({ urls: [green] }));
        const cut = bytes.indexOf(0xc3) + 1;
        const inTwo = await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ connection: 'close', 'content-length': bytes.length }));
          socket.write(bytes.subarray(0, cut));
          await new Promise((resolve) => setImmediate(resolve));
          socket.write(bytes.subarray(cut));
        });
        const encoded = signer.signImage(url('thumb', 'gr%C3%BCn'));
        expectAnswer(inTwo, { urls: { [green]: { url: encoded, expiresAt } } });
      }));

    test('whose length is said to be too much is answered before any of it has come', () =>
      serveAt(async (port) => {
        const response = await converse(
          port,
          (socket) => void socket.write(head({ 'content-length': 65_537 })),
        );
        expectRefusal(response, 413);
        expect(response.header('connection')).toBe('close');
      }));

    test('that does not end is answered once it is too long, and not read on', async () => {
      let incoming: IncomingMessage | undefined;
      const note: Middleware = (given, _response, next) => {
        incoming = given;
        next();
      };
      await serveAt(async (port) => {
        let sent = 0;
        const response = await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ 'transfer-encoding': 'chunked' }));
          for (; !socket.destroyed && sent < 2 ** 26; sent += 16_384)
            await writeAndDrain(socket, chunk(' '.repeat(16_384)));
        });
        expectRefusal(response, 413);
        expect(response.header('connection')).toBe('close');
        expect(sent).toBeLessThan(2 ** 26);
        expect(incoming!.socket.bytesRead).toBeLessThan(2 ** 20);
      }, note);
    });

    test('whose client goes away is no error, and goes to nobody', async () => {
      const errors: unknown[] = [];
      let answered = false;
      let gone: () => void = () => {};
      const isGone = new Promise<void>((resolve) => {
        gone = resolve;
      });
      const endpoint = signingEndpoint(endpointOptions({ path: '/sign' }));
      const watched: Middleware = (given, response, next) => {
        given.on('close', () => setImmediate(gone));
        response.on('finish', () => {
          answered = true;
        });
        endpoint(given, response, (error) => {
          errors.push(error);
          next();
        });
      };
      await withSite(framework.build([watched], behind), async (port) => {
        await converse(port, async (socket) => {
          await writeAndDrain(socket, `${head({ 'content-length': 100 })}{"urls":["`);
          socket.destroy();
        });
        await isGone;
        expect([errors, answered]).toEqual([[], false]);
        expectAnswer(await send(port, '/sign', post(request)));
      });
    });
  });

  const setsEncoding: Middleware = (given, _response, next) => next(void given.setEncoding('hex'));
  test.each<[title: string, parse: Mount]>([
    ['nobody, but somebody has called setEncoding', setsEncoding],
    ['express.json', parser(express.json())],
    ['express.json of Express 4', parser(express4.json())],
    ['express.text', parser(express.text(any))],
    ['express.raw', parser(express.raw(any))],
    ['a parser of the app, which leaves bytes', leaving((bytes) => bytes)],
    ['a parser of the app, which leaves an object', leaving((bytes) => JSON.parse(bytes.toString()))],
    ['nobody, since express.urlencoded lets JSON by', parser(express.urlencoded())],
    ['nobody, for which Express 4 leaves {}', parser(express4.urlencoded({ extended: true }))],
    ['nobody, since express.text lets JSON by', parser(express.text())],
  ])('a body that was read by %s', async (_title, parse) => {
    expectAnswer(await asked(post(request), parse));
  });

  test('a body of an adapter that has made the request of something else', async () => {
    const adapter: Middleware = (given, _response, next) =>
      next(void Object.assign(given, { body: request }));
    expectAnswer(await asked({ method: 'POST', headers: json }, adapter));
  });

  test('a body that was read by express.json, which takes an encoding', () =>
    serveAt(async (port) => {
      const coded = gzipSync(body).toString('latin1');
      const headers = { 'content-encoding': 'gzip', 'content-length': coded.length, connection: 'close' };
      const response = await converse(port, (socket) => void socket.write(head(headers) + coded, 'latin1'));
      expectAnswer(response);
    }, parser(express.json())));

  const object = parser(express.urlencoded({ extended: true }));
  const anyJson = parser(express.json(any));
  const many = leaving(() => ({ urls: Array(80).fill('a'.repeat(1024)) }));
  const nothing = leaving(() => undefined);
  const empty: RawRequest = { method: 'POST', headers: { ...json, 'content-length': '0' } };
  test.each<[title: string, given: RawRequest, parse: Mount, status: number]>([
    ['a form that is an object', post(`urls[]=${url()}`, form), object, 415],
    ['a form that was taken for JSON', post(request, form), anyJson, 415],
    ['text that was taken for JSON', post(request, { 'content-type': 'text/plain' }), anyJson, 415],
    ['more than 64 KiB, padded', post(padded), anyJson, 413],
    ['more than 64 KiB, of URLs', post('{}'), many, 413],
    ['a list', post([url()]), parser(express.json()), 400],
    ['another object', post({ url: url() }), parser(express.json()), 400],
    ['nothing but {}', post({}), parser(express4.json()), 400],
    ['nobody knows what, since nobody has kept it', post(request), nothing, 400],
    ['no bytes, by express.json', empty, parser(express.json()), 400],
    ['no bytes, by that of Express 4', empty, parser(express4.json()), 400],
    ['no bytes, by express.raw', empty, parser(express.raw(any)), 400],
    ['no bytes, by express.urlencoded', empty, parser(express.urlencoded(any)), 400],
    ['no bytes, by a parser of the app', empty, nothing, 400],
  ])('a body that was read with %s is refused, and not waited for', async (_title, given, parse, status) => {
    expectRefusal(await asked(given, parse), status);
  });

  test('a body that somebody has read in part, and not kept, is not waited for', async () => {
    const nibble: Middleware = (given, _response, next) =>
      void given.once('data', () => next(void given.pause()));
    await serveAt(async (port) => {
      const begun = `${head({ connection: 'close', 'content-length': 100 })}{"urls":["`;
      expectRefusal(await converse(port, (socket) => writeAndDrain(socket, begun)), 400);
    }, nibble);
  });
});

test('HTTP/2 without a framework gets the same, and no header that it forbids', async () => {
  const endpoint = signingEndpoint(endpointOptions({ path: '/sign' })) as (...messages: never[]) => void;
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  const server = createHttp2((given, response) => endpoint(given as never, response as never));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const posting = async (sent: string): Promise<[status: unknown, text: string]> => {
    const stream = client.request({ ':method': 'POST', ':path': '/sign', ...json });
    stream.end(sent);
    const [headers] = await once(stream, 'response');
    return [headers[':status'], (await stream.setEncoding('utf8').toArray()).join('')];
  };
  expect(await posting(body)).toEqual([200, JSON.stringify(answer)]);
  expect(await posting(padded)).toEqual([413, expect.stringContaining('64 KiB')]);
  client.close();
  await new Promise((resolve) => server.close(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

describe.each(koas)('%s', (_name, Application) => {
  const options = { ...base, authorize: async () => true } as never;
  const endpoint = mount('/sign', koaEndpoint(options));

  test('a parser may have read the body', async () => {
    const app = koaOf(Application, [bodyParser() as never, endpoint]);
    expectAnswer(await withSite(app.callback(), (port) => send(port, '/sign', post(request))));
  });

  test.each([
    ['an answer of the endpoint', `/sign/${url()}`, 200],
    ['a refusal of the endpoint', '/sign/x', 400],
    ['a refusal of the guard', '/images/a/b/thumb', 403],
  ])(
    '%s is the context’s own: what is outside may still set a cookie, and makes nothing storable',
    async (_title, path, status) => {
      const seen: unknown[] = [];
      const outside: Koa.Middleware = async (ctx, next) => {
        await next();
        seen.push(ctx.status, typeof ctx.body);
        ctx.cookies.set('visit', '2'); // as koa-session does
        ctx.set('Cache-Control', 'public, max-age=60'); // for all that the app answers
      };
      const guard = koaGuard({ ...base, delivery: '/images' } as never);
      const app = koaOf(Application, [outside, endpoint, guard], seen as string[]);
      const response = await withSite(app.callback(), (port) => send(port, path));
      expect([response.status, response.header('cache-control')]).toEqual([status, 'no-store']);
      expect(response.header('set-cookie')).toContain('visit=2');
      expect(seen).toEqual([status, 'string']);
    },
  );
});

describe('over fetch', () => {
  const endpoint = fetchEndpoint(endpointOptions({ path: '/sign' }) as never);
  const at = (path: string, init?: object): Request => new Request(`https://shop.example${path}`, init);

  test('other paths are for next, or get 404; HEAD has no body', async () => {
    expect(await (await endpoint(at('/'), () => new Response('other'))).text()).toBe('other');
    expect((await endpoint(at('/'))).status).toBe(404);
    expect((await endpoint(at(`/sign/${url()}`, { method: 'HEAD' }))).body).toBeNull();
  });

  test('a body that is too long, used or broken is told in one line', async () => {
    const posting = (sent: unknown): Request => at('/sign', { ...post(''), body: sent, duplex: 'half' });
    expect((await endpoint(posting(padded))).status).toBe(413);
    const used = posting(body);
    await used.text();
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    for (const each of [used, posting(broken)])
      expect((await endpoint(each)).status).toBeGreaterThanOrEqual(400);
  });
});
