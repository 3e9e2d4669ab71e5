/** Where a response ends, seen on the wire: lengths, chunks, trailers and parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pick, randoms } from '../support/generators/random.ts';
import { parseAll, requestsFor } from '../support/http/pipelined.ts';
import { exchange } from '../support/http/raw.ts';
import { ask, askPlain, expectSigned, fieldsOf, ours, page } from '../support/http/wire.ts';
import { url } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

/** Pages of many lengths, most of them in several parts. */
function pageOf(random: () => number): string[] {
  const pieces = ['<p>text</p>', `<img src="${url()}">`, `<i style="background:url(${url('card')})">`, 'é'];
  return Array.from({ length: Math.floor(random() * 8) }, () => pick(random, pieces));
}

const html = { 'Content-Type': 'text/html' };
const chunked = { 'Transfer-Encoding': 'chunked', ...html };
const setting =
  (headers: Readonly<Record<string, number | string | string[]>>): Handler =>
  (_, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(page);
  };

describe.each(frameworks)('$name', (framework) => {
  test('pipelined answers stand one behind the other, whatever length the app gave', async () => {
    await fc.assert(
      fc.asyncProperty(randoms, async (random) => {
        const pages = Array.from({ length: 4 }, () => pageOf(random));
        const listener = framework.build([ours()], (request, response) => {
          const [, index, length, way] = /(\d)\/(\w+)\/(\w+)/.exec(request.url!)!;
          const parts = pages[Number(index)]!;
          const whole = Buffer.byteLength(parts.join(''));
          const given = { absent: undefined, right: whole, small: whole >> 1, large: whole * 2 }[length!];
          const head = {
            'Content-Type': 'text/html',
            ...(given === undefined ? {} : { 'Content-Length': given }),
          };
          if (way === 'writeHead') response.writeHead(200, head);
          else for (const [name, value] of Object.entries(head)) response.setHeader(name, value);
          if (way !== 'end') for (const part of parts) response.write(part);
          response.end(way === 'end' ? parts.join('') : undefined);
        });
        const targets = pages.map((_, index) => {
          const length = pick(random, ['absent', 'right', 'small', 'large']);
          const target = `/${index}/${length}/${pick(random, ['end', 'write', 'writeHead'])}`;
          return [pick(random, ['GET', 'GET', 'HEAD']), target] as const;
        });
        await withSite(listener, async (port) => {
          const raw = await exchange(port, requestsFor(targets));
          const methods = targets.map(([method]) => method);
          const responses = parseAll(raw, methods);
          for (const [index, response] of responses.entries()) {
            const [method, target] = targets[index]!;
            if (method === 'HEAD') expect(response.body.length, target).toBe(0);
            else expectSigned(response, pages[index]!.join(''));
            if (method === 'GET' && target.endsWith('right/end'))
              expect(response.header('content-length'), target).toBe(String(response.body.length));
          }
        });
      }),
      { numRuns: runs(0.3) },
    );
  });

  test.each<[title: string, isWhole: boolean, hasLength: boolean]>([
    ['in parts', false, false],
    ['in parts, with a length', false, true],
    ['whole', true, false],
    ['whole, with a length', true, true],
  ])(
    'HTTP/1.0, %s: no chunks; the connection ends a body that no length does',
    async (_title, isWhole, hasLength) => {
      const handler: Handler = (_, response) => {
        response.setHeader('Content-Type', 'text/html');
        if (hasLength) response.setHeader('Content-Length', page.length);
        if (!isWhole) response.write(page.slice(0, 70));
        response.end(isWhole ? page : page.slice(70));
      };
      const isKept = isWhole && hasLength;
      // A body that only the end of the connection ends is the last one, whatever the client has asked for.
      const connections = isKept ? ['keep-alive', 'close'] : ['keep-alive'];
      const requests = connections.map((each) => `GET / HTTP/1.0\r\nconnection: ${each}\r\n\r\n`).join('');
      const raw = await withSite(framework.build([ours()], handler), (port) => exchange(port, requests));
      const methods = connections.map(() => 'GET');
      for (const response of parseAll(raw, methods)) {
        expect(response.header('transfer-encoding')).toBeUndefined();
        expect(response.header('content-length')).toBe(isKept ? String(response.body.length) : undefined);
        expectSigned(response);
      }
    },
  );

  test.each<[title: string, handler: Handler]>([
    ['setHeader', setting(chunked)],
    ['setHeader, beside a length', setting({ ...chunked, 'Content-Length': page.length })],
    [
      'writeHead, beside a length',
      (_, response) => response.writeHead(200, { ...chunked, 'Content-Length': page.length }).end(page),
    ],
  ])('Transfer-Encoding that the app sets never has a length beside it: %s', async (_title, handler) => {
    const response = await ask(framework, handler);
    expect(response.header('content-length')).toBeUndefined();
    expect(response.header('transfer-encoding')).toBe('chunked');
    expectSigned(response);
  });

  test.each<[title: string, length: boolean, isWhole: boolean]>([
    ['whole', false, true],
    ['whole, with a length', true, true],
    ['in parts', false, false],
    ['in parts, with a length', true, false],
  ])('trailers arrive: %s', async (_title, hasLength, isWhole) => {
    const response = await ask(framework, (_, response) => {
      response.setHeader('Content-Type', 'text/html').setHeader('Trailer', 'X-Took, X-Name');
      if (hasLength) response.setHeader('Content-Length', page.length);
      if (!isWhole) response.write(page.slice(0, 70));
      response.addTrailers({ 'X-Took': '12', 'X-Name': 'a' });
      response.end(isWhole ? page : page.slice(70));
    });
    expect(response.header('content-length')).toBeUndefined();
    expect(response.header('trailer')).toBe('X-Took, X-Name');
    expect(response.trailers).toBe('X-Took: 12\r\nX-Name: a');
    expectSigned(response);
  });

  test('a part that is sent all the same passes untouched', async () => {
    const boundary = `--b\r\nContent-Type: text/html\r\nContent-Range: bytes 0-9/99\r\n\r\n${page}\r\n--b--`;
    const handlers: Handler[] = [
      (_, response) =>
        response
          .writeHead(206, { 'Content-Type': 'text/html', 'Content-Range': 'bytes 0-99/200', ETag: '"a"' })
          .end(page),
      (_, response) =>
        response.writeHead(206, { 'Content-Type': 'multipart/byteranges; boundary=b' }).end(boundary),
      (_, response) => {
        response.statusCode = 206;
        response.setHeader('Content-Type', 'text/html').setHeader('Content-Length', page.length).end(page);
      },
      (_, response) =>
        response.writeHead(416, { 'Content-Type': 'text/html', 'Content-Range': 'bytes */200' }).end(page),
    ];
    for (const handler of handlers) {
      const [mine, plain] = [await ask(framework, handler), await askPlain(framework, handler)];
      expect(mine.text).toBe(plain.text);
      expect(fieldsOf(mine)).toEqual(fieldsOf(plain));
    }
  });

  test.each<[title: string, handler: Handler]>([
    ['setHeader', setting({ ...html, 'Cache-Control': 'no-transform' })],
    ['a list', setting({ 'Cache-Control': ['public', 'no-transform'], ...html })],
    [
      'writeHead',
      (_, response) =>
        response.writeHead(200, { ...html, 'cache-control': 'max-age=9, NO-TRANSFORM' }).end(page),
    ],
    [
      'a flat list',
      (_, response) => {
        const list = ['Content-Type', 'text/html', 'Cache-Control', 'no-transform,max-age=999999'];
        response.writeHead(200, list).end(page);
      },
    ],
    [
      'after the type, in parts',
      (_, response) => {
        for (const [name, value] of Object.entries({ ...html, ETag: '"a"' })) response.setHeader(name, value);
        response.setHeader('Content-Length', page.length).appendHeader('Cache-Control', 'no-transform');
        response.write(page.slice(0, 70));
        response.end(page.slice(70));
      },
    ],
  ])('no-transform, said by %s: headers and body are as without us', async (_title, handler) => {
    const [mine, plain] = [await ask(framework, handler), await askPlain(framework, handler)];
    expect(mine.text).toBe(page);
    expect(fieldsOf(mine)).toEqual(fieldsOf(plain));
  });
});
