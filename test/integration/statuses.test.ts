/** Answers without a body: to HEAD, and by their status. Their headers say what those with one would. */
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { parseAll, requestsFor } from '../support/http/pipelined.ts';
import { exchange, send } from '../support/http/raw.ts';
import { ask, askPlain, expectSigned, fieldsOf, ours, page } from '../support/http/wire.ts';
import { countTokens, url } from '../support/samples.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

describe.each(frameworks)('$name', (framework) => {
  describe('HEAD has the headers of GET, less the length', () => {
    const headers = {
      'Content-Type': 'text/html',
      ETag: '"a"',
      'Cache-Control': 'max-age=999999',
      Link: `<${url()}>; rel=preload`,
    };

    const set = (response: ServerResponse, more: object = {}): ServerResponse => {
      for (const [name, value] of Object.entries({ ...headers, ...more })) response.setHeader(name, value);
      return response;
    };
    const old = { 'Content-Length': page.length, 'Last-Modified': 'x', Digest: 'x' };
    test.each<[title: string, handler: Handler]>([
      ['end', (_, response) => response.writeHead(200, headers).end(page)],
      ['setHeader, end', (_, response) => set(response).end(page)],
      ['a length, end', (_, response) => set(response, { 'Content-Length': page.length }).end(page)],
      [
        'a length in writeHead, write, end',
        (_, response) => {
          response.writeHead(200, { ...headers, ...old }).write(page);
          response.end();
        },
      ],
      [
        'nothing written',
        ({ method }, response) => response.writeHead(200, headers).end(method === 'HEAD' ? undefined : page),
      ],
      [
        'flushHeaders',
        (_, response) => {
          response.writeHead(200, headers).flushHeaders();
          response.end(page);
        },
      ],
    ])('%s', async (_title, handler) => {
      const get = await ask(framework, handler);
      const head = await ask(framework, handler, { method: 'HEAD' });
      expect(fieldsOf(head, ['transfer-encoding'])).toEqual(
        fieldsOf(get, ['content-length', 'transfer-encoding']),
      );
      expect(head.header('content-length')).toBeUndefined();
      expect(head.body.length).toBe(0);
      expect(countTokens(head.header('link')!)).toBe(1);
    });

    test('and the page is not read', async () => {
      const events: ImageSignerEvent[] = [];
      const listener = framework.build(
        [ours({ report: (event: ImageSignerEvent) => note(events, event) })],
        (_, response) =>
          response.setHeader('Content-Type', 'text/html').end(`<img src="${url('original')}">`),
      );
      await withSite(listener, (port) => send(port, '/', { method: 'HEAD' }));
      expect(events).toEqual([]);
      await withSite(listener, (port) => send(port, '/'));
      expect(events.length).toBe(1);
    });
  });

  describe('a status without a body', () => {
    const headers = {
      'Content-Type': 'text/html',
      ETag: '"a"',
      'Cache-Control': 'public, max-age=31536000',
      'Last-Modified': 'Mon, 21 Sep 2026 00:00:00 GMT',
    };
    const more: Record<string, string>[] = [{}, { 'Content-Length': '5' }, { 'Content-Encoding': 'gzip' }];
    type Given = Record<string, string>;
    const set = (response: ServerResponse, status: number, given: Given): ServerResponse => {
      for (const [name, value] of Object.entries(given)) response.setHeader(name, value);
      return Object.assign(response, { statusCode: status });
    };
    const sendings: ((status: number, given: Given) => Handler)[] = [
      (status, given) => (_, response) => response.writeHead(status, given).end(),
      (status, given) => (_, response) => set(response, status, given).end(),
      (status, given) => (_, response) => {
        set(response, status, given).write(page);
        response.end('more');
      },
    ];

    test.each([204, 205])('%d passes as it came', async (status) => {
      for (const extra of more) {
        for (const sending of status === 205 ? sendings.slice(0, 2) : sendings) {
          const handler = sending(status, { ...headers, ...extra });
          const [mine, plain] = [await ask(framework, handler), await askPlain(framework, handler)];
          expect(fieldsOf(mine)).toEqual(fieldsOf(plain));
          expect(mine.text).toBe(plain.text);
        }
      }
    });

    test('304 of a page has neither body nor length, its tag is bound and its life cut', async () => {
      for (const extra of more) {
        for (const sending of sendings) {
          const { status, header, body } = await ask(framework, sending(304, { ...headers, ...extra }));
          expect([status, body.length]).toEqual([304, 0]);
          for (const name of ['content-length', 'transfer-encoding', 'last-modified'])
            expect(header(name), name).toBeUndefined();
          expect(header('etag')).toMatch(/^W\/"a-is\.[0-9a-f]{24}"$/);
          expect(header('cache-control')).toBe('public, max-age=43200');
        }
      }
    });

    test('304 of what is no page passes as it came, its length too', async () => {
      for (const sending of sendings) {
        const handler = sending(304, { ...headers, 'Content-Type': 'image/png', 'Content-Length': '5' });
        expect(fieldsOf(await ask(framework, handler))).toEqual(fieldsOf(await askPlain(framework, handler)));
      }
    });

    test('100, 102 and 103 go out as without us, and the page after them is signed', async () => {
      const handler: Handler = (_, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.writeContinue();
        response.writeProcessing();
        response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style', 'x-a': 'b' });
        response.end(page);
      };
      const interim = async (mounts: Parameters<Framework['build']>[0]) => {
        const raw = await withSite(framework.build(mounts, handler), (port) =>
          exchange(port, requestsFor([['GET', '/']])),
        );
        expectSigned(mounts.length > 0 ? parseAll(raw, ['GET'])[0]! : await ask(framework, handler));
        return raw.toString().split('\r\n\r\n').slice(0, 3);
      };
      const mine = await interim([ours()]);
      expect(mine.map((head) => head.split(' ')[1])).toEqual(['100', '102', '103']);
      expect(mine).toEqual(await interim([]));
    });
  });
});
