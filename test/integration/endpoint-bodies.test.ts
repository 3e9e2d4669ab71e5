/** The signing endpoint over every server, asked for many URLs: bodies as clients send them, and as parsers leave them. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { type Middleware, signingEndpoint } from '../../src/index.ts';
import { chunk, converse, head, writeAndDrain } from '../support/conversation.ts';
import {
  ask,
  behind,
  byPath,
  endpointOptions,
  listening,
  mountAt,
  post,
  signer,
} from '../support/endpoint.ts';
import { frameworks, type Mount, withSite } from '../support/frameworks.ts';
import { exchange, type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { id, url } from '../support/samples.ts';

const signed = signer.signImage(url());
const expiresAt = Number(/exp=(\d+)/.exec(signed)![1]);
const answer = { urls: { [url()]: { url: signed, expiresAt } } };
const request = { urls: [url()] };

function expectAnswer(response: RawResponse, expected: object = answer): void {
  expect(JSON.parse(response.text)).toEqual(expected);
  expect(response.status).toBe(200);
  expect(response.isComplete).toBe(true);
  expect(response.header('content-type')).toBe('application/json');
  expect(response.header('cache-control')).toBe('no-store');
  expect(response.header('x-content-type-options')).toBe('nosniff');
}

function expectRefusal(response: RawResponse, status: number): void {
  expect(response.status).toBe(status);
  expect(JSON.parse(response.text)).toEqual({ error: expect.stringMatching(/^Expected [^\n]*\.$/) });
  expect(response.header('cache-control')).toBe('no-store');
  expect(response.header('x-content-type-options')).toBe('nosniff');
}

/** A parser, as the app mounts it before the endpoint. */
const parser = (parse: unknown): Mount => parse as Middleware;
/** `express.text({ type: '*∕*' })` and its kin take whatever type there is. */
const any = { type: () => true, limit: '1mb' };
const form = 'application/x-www-form-urlencoded';

describe.each(frameworks)('$name', (framework) => {
  const serveAt = <T>(run: (port: number) => Promise<T>, before: readonly Mount[] = [], options = {}) =>
    withSite(framework.build([...before, mountAt(framework, options)], behind), run);

  test('each URL gets its own answer, and a bad one spoils no other', async () => {
    const { events, report } = listening();
    const urls = [url(), 'https://evil.example/a/b/thumb', url('hero'), url('preview'), '__proto__', url()];
    const response = await ask(framework, '/sign', { report }, post({ urls }));
    const foreign = { error: 'Expected the delivery URL of an image.' };
    expectAnswer(
      response,
      Object.fromEntries([
        [
          'urls',
          Object.fromEntries([
            [url(), { url: signed, expiresAt }],
            ['https://evil.example/a/b/thumb', foreign],
            [url('hero'), { error: 'This image is not signed for you.' }],
            [url('preview'), { url: url('preview') }],
            ['__proto__', foreign],
          ]),
        ],
      ]),
    );
    expect(Object.keys(JSON.parse(response.text).urls)).toHaveLength(5);
    expect(events).toEqual([
      { type: 'refused', url: 'https://evil.example/a/b/thumb', reason: 'not-a-delivery-url' },
      { type: 'refused', url: url('hero'), reason: 'variant-not-allowed' },
      { type: 'refused', url: '__proto__', reason: 'not-a-delivery-url' },
    ]);
  });

  test('100 are signed, and 101 are not, which closes no connection', async () => {
    const urls = Array.from({ length: 101 }, (_, index) => url('thumb', `${id}-${index}`));
    const all = await ask(framework, '/sign', {}, post({ urls: urls.slice(1) }));
    const answers = Object.entries(JSON.parse(all.text).urls);
    expect(answers.map(([given]) => given)).toEqual(urls.slice(1));
    for (const [given, each] of answers) expect(each).toMatchObject({ url: signer.signImage(given) });
    await serveAt(async (port) => {
      const body = JSON.stringify({ urls });
      const one = `${head({ 'content-length': body.length })}${body}`;
      const last = `GET ${byPath(url())} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
      const both = (await exchange(port, one + last)).toString();
      expect(both.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    });
  });

  test('a POST may have a query and a slash, and a target that is an absolute URL', async () => {
    for (const target of ['/sign/', '/sign?url=x', 'http://localhost/sign', 'http://localhost/sign/?a']) {
      expectAnswer(await ask(framework, target, {}, post(request)));
    }
  });

  describe('a body that has not been read', () => {
    test.each<[title: string, given: RawRequest, status: number]>([
      ['no JSON', post('{"urls":["'), 400],
      ['no body', { method: 'POST', headers: { 'content-type': 'application/json' } }, 400],
      ['no urls', post({ url: url() }), 400],
      ['a URL that is none', post({ urls: [url(), null] }), 400],
      ['a form', post(`urls=${url()}`, { 'content-type': form }), 415],
      ['JSON as text', post(request, { 'content-type': 'text/plain' }), 415],
      ['JSON without a type', { method: 'POST', body: JSON.stringify(request) }, 415],
      ['JSON in an encoding', post(request, { 'content-encoding': 'gzip' }), 415],
      ['a byte too long', post(JSON.stringify(request).padEnd(65_537)), 413],
    ])('%s', async (_title, given, status) => {
      await serveAt(async (port) => {
        const body = given.body ?? '';
        const text = `${head({
          connection: 'close',
          'content-length': body.length,
          ...given.headers,
        }).replace('content-type: application/json\r\n', '')}${body}`;
        expectRefusal(await converse(port, (socket) => void socket.write(text)), status);
      });
    });

    test('of 64 KiB to the byte is read', async () => {
      expectAnswer(await ask(framework, '/sign', {}, post(JSON.stringify(request).padEnd(65_536))));
    });

    test('that comes byte by byte is read', async () => {
      await serveAt(async (port) => {
        const body = JSON.stringify(request);
        const response = await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ connection: 'close', 'transfer-encoding': 'chunked' }));
          for (const character of body) await writeAndDrain(socket, chunk(character));
          await writeAndDrain(socket, chunk(''));
        });
        expectAnswer(response);
      });
    });

    test('in characters of several bytes, cut within one, is read', async () => {
      await serveAt(async (port) => {
        const urls = [url('thumb', 'grün')];
        const bytes = Buffer.from(JSON.stringify({ urls }));
        const cut = bytes.indexOf(0xc3) + 1;
        const response = await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ connection: 'close', 'content-length': bytes.length }));
          socket.write(bytes.subarray(0, cut));
          await new Promise((resolve) => setImmediate(resolve));
          socket.write(bytes.subarray(cut));
        });
        expectAnswer(response, {
          urls: { [urls[0]!]: { url: signer.signImage(url('thumb', 'gr%C3%BCn')), expiresAt } },
        });
      });
    });

    test('whose length is said to be too much is answered before any of it has come', async () => {
      await serveAt(async (port) => {
        const response = await converse(
          port,
          (socket) => void socket.write(head({ 'content-length': 65_537 })),
        );
        expectRefusal(response, 413);
        expect(response.header('connection')).toBe('close');
      });
    });

    test('that does not end is answered once it is too long, and not read on', async () => {
      let incoming: IncomingMessage | undefined;
      const note: Middleware = (given, _response, next) => {
        incoming = given;
        next();
      };
      await serveAt(
        async (port) => {
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
        },
        [note],
      );
    });

    test('whose client goes away is no error, and goes to nobody', async () => {
      const errors: unknown[] = [];
      let gone: () => void = () => {};
      const isGone = new Promise<void>((resolve) => {
        gone = resolve;
      });
      let answered = false;
      const note: Middleware = (given, response, next) => {
        given.on('close', () => setImmediate(gone));
        response.on('finish', () => {
          answered = true;
        });
        next();
      };
      const endpoint = signingEndpoint(endpointOptions({ path: '/sign' }));
      const inner: Middleware = (given, response, next) =>
        endpoint(given, response, (error) => {
          errors.push(error);
          next();
        });
      await withSite(framework.build([note, inner], behind), async (port) => {
        await converse(port, async (socket) => {
          await writeAndDrain(socket, head({ 'content-length': 100 }));
          await writeAndDrain(socket, '{"urls":["');
          socket.destroy();
        });
        await isGone;
        expect([errors, answered]).toEqual([[], false]);
        expectAnswer(await send(port, '/sign', post(request)));
      });
    });

    test('two on one connection are two answers', async () => {
      await serveAt(async (port) => {
        const body = JSON.stringify(request);
        const one = `${head({ 'content-length': body.length })}${body}`;
        const last = `${head({ 'content-length': body.length, connection: 'close' })}${body}`;
        const text = (await exchange(port, one + last)).toString();
        expect(text.split(signed).length - 1).toBe(2);
      });
    });

    test('on which somebody has called setEncoding is read', async () => {
      const encoded: Middleware = (given, _response, next) => {
        given.setEncoding('hex');
        next();
      };
      expectAnswer(await ask(framework, '/sign', {}, post(request), [encoded]));
    });
  });

  describe('a body that has been read', () => {
    const bodies: readonly [title: string, parse: Mount][] = [
      ['express.json', parser(express.json())],
      ['express.json of Express 4', parser(express4.json())],
      ['express.text', parser(express.text(any))],
      ['express.raw', parser(express.raw(any))],
      ['a parser of the app, which leaves bytes', leaving((bytes) => bytes)],
      ['a parser of the app, which leaves an object', leaving((bytes) => JSON.parse(bytes.toString()))],
    ];

    test.each(bodies)('by %s', async (_title, parse) => {
      expectAnswer(await ask(framework, '/sign', {}, post(request), [parse]));
    });

    test.each([
      ['express.urlencoded', parser(express.urlencoded())],
      ['express.urlencoded of Express 4, which leaves {}', parser(express4.urlencoded({ extended: true }))],
      ['express.text for text', parser(express.text())],
    ])('by none, since %s lets JSON by', async (_title, parse) => {
      expectAnswer(await ask(framework, '/sign', {}, post(request), [parse]));
    });

    test('by an adapter that has made the request of something else', async () => {
      const adapter: Middleware = (given, _response, next) => {
        Object.assign(given, { body: request });
        next();
      };
      const empty = { method: 'POST', headers: { 'content-type': 'application/json' } };
      expectAnswer(await ask(framework, '/sign', {}, empty, [adapter]));
    });

    test('by express.json that takes an encoding', async () => {
      const body = gzipSync(JSON.stringify(request)).toString('latin1');
      const headers = { 'content-encoding': 'gzip', 'content-length': body.length, connection: 'close' };
      await serveAt(
        async (port) => {
          const response = await converse(
            port,
            (socket) => void socket.write(head(headers) + body, 'latin1'),
          );
          expectAnswer(response);
        },
        [parser(express.json())],
      );
    });

    test.each<[title: string, given: RawRequest, parse: Mount, status: number]>([
      [
        'a form that is an object',
        post(`urls[]=${url()}`, { 'content-type': form }),
        parser(express.urlencoded({ extended: true })),
        415,
      ],
      [
        'a form that was taken for JSON',
        post(request, { 'content-type': form }),
        parser(express.json(any)),
        415,
      ],
      [
        'text that was taken for JSON',
        post(request, { 'content-type': 'text/plain' }),
        parser(express.json(any)),
        415,
      ],
      [
        'more than 64 KiB, padded',
        post(JSON.stringify(request).padEnd(65_537)),
        parser(express.json(any)),
        413,
      ],
      [
        'more than 64 KiB, of URLs',
        post('{}'),
        leaving(() => ({ urls: Array(80).fill('a'.repeat(1024)) })),
        413,
      ],
      ['a list', post([url()]), parser(express.json()), 400],
      ['another object', post({ url: url() }), parser(express.json()), 400],
      ['nothing but {}', post({}), parser(express4.json()), 400],
      ['nobody knows what, since nobody has kept it', post(request), leaving(() => undefined), 400],
    ])('with %s', async (_title, given, parse, status) => {
      expectRefusal(await ask(framework, '/sign', {}, given, [parse]), status);
    });

    test.each([
      ['express.json', parser(express.json())],
      ['express.json of Express 4', parser(express4.json())],
      ['express.raw', parser(express.raw(any))],
      ['express.urlencoded', parser(express.urlencoded(any))],
      ['a parser of the app, which leaves nothing', leaving(() => undefined)],
    ])('by %s, and had no bytes, is not waited for', async (_title, parse) => {
      const headers = { 'content-type': 'application/json', 'content-length': '0' };
      expectRefusal(await ask(framework, '/sign', {}, { method: 'POST', headers }, [parse]), 400);
    });

    test('in part, by somebody who has not kept it, is not waited for', async () => {
      const nibble: Middleware = (given, _response, next) => {
        given.once('data', () => {
          given.pause();
          next();
        });
      };
      await serveAt(
        async (port) => {
          const response = await converse(port, async (socket) => {
            await writeAndDrain(socket, head({ connection: 'close', 'content-length': 100 }));
            await writeAndDrain(socket, '{"urls":["');
          });
          expectRefusal(response, 400);
        },
        [nibble],
      );
    });
  });
});

test('HTTP/2 without a framework gets the same, and no header that it forbids', async () => {
  const endpoint = signingEndpoint(endpointOptions({ path: '/sign' })) as unknown as (
    ...messages: unknown[]
  ) => void;
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  const server = createHttp2((given, response) => endpoint(given, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const post2 = async (body: string): Promise<[status: unknown, text: string]> => {
    const stream = client.request({
      ':method': 'POST',
      ':path': '/sign',
      'content-type': 'application/json',
    });
    stream.end(body);
    const [headers] = await once(stream, 'response');
    let text = '';
    for await (const part of stream.setEncoding('utf8')) text += part;
    return [headers[':status'], text];
  };
  expect(await post2(JSON.stringify(request))).toEqual([200, JSON.stringify(answer)]);
  expect(await post2(' '.repeat(65_537))).toEqual([413, expect.stringContaining('64 KiB')]);
  client.close();
  await new Promise((resolve) => server.close(resolve));
  process.off('warning', warned);
  expect(warnings).toEqual([]);
});

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
