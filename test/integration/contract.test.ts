/** What Node.js promises of a response, and what frameworks build on it: with us everything is as it was, the tokens apart. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, type RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/frameworks.ts';
import { requestsFor } from '../support/pipelined.ts';
import { exchange, parse, type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<!DOCTYPE html><title>x</title><img src="${url()}"><p style="background:url(${url('card')})">é</p>`;
const html = { 'Content-Type': 'text/html' };
const ours = (options: object = {}) => imageSigner({ ...base, ...options } as ImageSignerOptions);

function ask(
  framework: Framework,
  handler: Handler,
  request: RawRequest = {},
  options: object = {},
): Promise<RawResponse> {
  return withSite(framework.build([ours(options)], handler), (port) => send(port, '/', request));
}

/** The same without us, and with us. */
async function both<T>(
  run: (mounts: Parameters<Framework['build']>[0]) => Promise<T>,
): Promise<[plain: T, mine: T]> {
  return [await run([]), await run([ours()])];
}

function expectSigned({ status, text, isComplete }: RawResponse): void {
  expect([status, isComplete, withoutTokens(text), countTokens(text)]).toEqual([200, true, page, 2]);
}

describe.each(frameworks)('$name', (framework) => {
  test.each<[title: string, options: object]>([
    ['by itself', {}],
    ['with authorize', { authorize: () => true }],
    ['where authorize gives a promise', { authorize: () => Promise.resolve(true) }],
    [
      'where authorize throws',
      {
        authorize: () => {
          throw new Error('no');
        },
      },
    ],
  ])('right after end all is said: %s', async (_title, options) => {
    for (const method of ['GET', 'HEAD']) {
      const seen: unknown[] = [];
      const { status } = await ask(
        framework,
        (_, response) => {
          response.writeHead(200, html);
          response.write(page);
          seen.push(response.headersSent, response.writableEnded);
          const answer = response.end();
          seen.push(answer === response, response.headersSent, response.writableEnded);
        },
        { method },
        options,
      );
      expect([status, ...seen]).toEqual([200, true, false, true, true, true]);
    }
  });

  test('of every beginning of a page all is out but an open tag, headers included', async () => {
    const bytes = Buffer.from(page);
    let length = 0;
    const listener = framework.build([ours()], (_, response) => {
      response.setHeader('Content-Type', 'text/html');
      // Once it is out the connection goes: what the client has by then is all that was sent.
      response.write(bytes.subarray(0, length), () => response.socket!.end());
      expect(response.headersSent).toBe(true);
    });
    await withSite(listener, async (port) => {
      for (length = 1; length <= bytes.length; length++) {
        const { status, body } = parse(await exchange(port, requestsFor([['GET', '/']])));
        const written = bytes.toString('latin1', 0, length);
        const isOpen = written.lastIndexOf('<') > written.lastIndexOf('>');
        const due = isOpen ? written.slice(0, written.lastIndexOf('<')) : written;
        const sent = withoutTokens(body.toString('latin1'));
        expect(status).toBe(200);
        expect([length, sent.startsWith(due), written.startsWith(sent)]).toEqual([length, true, true]);
      }
    });
  });

  test('flushHeaders sends the headers alone', async () => {
    const listener = framework.build([ours()], (_, response) => {
      response.writeHead(200, { ...html, 'Cache-Control': 'max-age=999999' });
      response.flushHeaders();
      response.socket!.end();
    });
    const { header, body } = parse(
      await withSite(listener, (port) => exchange(port, requestsFor([['GET', '/']]))),
    );
    expect([header('cache-control'), body.length]).toEqual(['max-age=43200', 0]);
  });

  test('an event stream passes as it came, event by event', async () => {
    const handler: Handler = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      for (const id of [1, 2, 3]) response.write(`id: ${id}\ndata: <img src="${url()}\n\n`);
      response.end();
    };
    const [plain, mine] = await both((mounts) =>
      withSite(framework.build(mounts, handler), (port) => exchange(port, requestsFor([['GET', '/']]))),
    );
    const withoutDate = (raw: Buffer): string => raw.toString().replace(/date: .*/i, '');
    expect(withoutDate(mine)).toBe(withoutDate(plain));
  });

  test('cork gathers at least as much as without us', async () => {
    const handler: Handler = (_, response) => {
      response.writeHead(200, html);
      response.cork();
      for (const part of page.match(/.{1,20}/gs)!) response.write(part);
      response.uncork();
      response.cork();
      response.write('<p>');
      process.nextTick(() => {
        response.uncork();
        response.end();
      });
    };
    const countChunks = (raw: Buffer): number => raw.toString().match(/(?<=\r\n)[0-9a-f]+\r\n/g)!.length;
    const [plain, mine] = await both((mounts) =>
      withSite(framework.build(mounts, handler), (port) => exchange(port, requestsFor([['GET', '/']]))),
    );
    expect(withoutTokens(parse(mine).text)).toBe(`${page}<p>`);
    expect(parse(mine).isComplete).toBe(true);
    expect(countChunks(mine)).toBeLessThanOrEqual(countChunks(plain)); // a part that is held back makes none
  });

  test('a pipeline is fulfilled, and the events are those of Node, in their order', async () => {
    const outcomes = await both(async (mounts) => {
      const seen: string[] = [];
      const listener = framework.build(mounts, async (_, response) => {
        for (const name of ['pipe', 'prefinish', 'finish', 'close', 'unpipe', 'error'])
          response.on(name, () => seen.push(name));
        response.writeHead(200, html);
        await pipeline(Readable.from(page.match(/.{1,20}/gs)!), response);
        seen.push('fulfilled');
      });
      const response = await withSite(listener, (port) => send(port, '/'));
      return { seen, text: withoutTokens(response.text), isComplete: response.isComplete };
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1].text).toBe(page);
    expect(outcomes[1].seen).toContain('fulfilled');
  });

  test.each<
    [
      title: string,
      script: (response: ServerResponse, tell: (name: string) => (error?: unknown) => void) => void,
    ]
  >([
    ['end, end', (response) => void response.end(page).end()],
    [
      'end, end with more',
      (response, tell) => void response.end(page, tell('first')).end('more', tell('second')),
    ],
    [
      'end with a callback, end with a callback',
      (response, tell) => void response.end(page, tell('first')).end(tell('second')),
    ],
    ['write after end', (response, tell) => void response.end(page).write('more', tell('late'))],
    [
      'write, end with nothing but a callback, write',
      (response, tell) => {
        response.write(page, tell('write'));
        response.end(tell('end'));
        response.write('<b', tell('late'));
      },
    ],
    [
      'write, destroy, write, end',
      (response, tell) => {
        response.write(page, tell('write'));
        response.destroy();
        response.write('more', tell('late'));
        response.end(tell('end'));
      },
    ],
  ])('%s: the same callbacks, with the same errors, and the same events', async (_title, script) => {
    const outcomes = await both(async (mounts) => {
      const seen: string[] = [];
      const tell = (name: string) => (error?: unknown) =>
        void seen.push(`${name} ${(error as { code?: string } | undefined)?.code}`);
      let closed: Promise<unknown> = Promise.resolve();
      const listener = framework.build(mounts, (_, response) => {
        closed = new Promise((resolve) => response.on('close', resolve));
        for (const name of ['error', 'finish', 'close']) response.on(name, tell(name));
        response.writeHead(200, html);
        script(response, tell);
      });
      const raw = await withSite(listener, (port) =>
        exchange(port, requestsFor([['GET', '/']])).catch(String),
      );
      await closed;
      return { seen, text: typeof raw === 'string' ? raw : withoutTokens(parse(raw).text) };
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1].seen.length).toBeGreaterThan(1);
  });

  test('callbacks, authorize, skip and report run in the context of their request', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(`${name} ${context.getStore()}`);
    const noting = {
      authorize: () => {
        note('authorize')();
        return true;
      },
      skip: () => {
        note('skip')();
        return false;
      },
      report: note('report'),
    };
    let bothAreHere = (): void => {};
    const here = new Promise<void>((resolve) => {
      bothAreHere = resolve;
    });
    let requests = 0;
    const listener = framework.build([ours(noting)], (request, response) => {
      context.run(request.url!, async () => {
        if (++requests === 2) bothAreHere();
        await here;
        response.writeHead(200, html);
        response.write(`${page}<img src="${url('original')}">`, note('write'));
        response.on('finish', note('finish'));
        response.end('<p>', note('end'));
      });
    });
    await withSite(listener, (port) => Promise.all([send(port, '/a'), send(port, '/b')]));
    const names = ['authorize', 'authorize', 'end', 'finish', 'report', 'report', 'skip', 'write'];
    for (const path of ['/a', '/b'])
      expect(seen.filter((each) => each.endsWith(` ${path}`)).sort()).toEqual(
        names.map((name) => `${name} ${path}`),
      );
    expect(seen.length).toBe(2 * names.length);
  });
});

// Express puts a prototype of its own in the place of the app's.
test.each(frameworks.filter(({ isExpress }) => !isExpress))(
  'on $name a ServerResponse of the app has its own methods called, with the bytes that go out',
  async (framework) => {
    const written: Buffer[] = [];
    const seen: string[] = [];
    class Counting extends ServerResponse {
      override write(...args: unknown[]): boolean {
        written.push(Buffer.from(args[0] as string)); // as the app has written it
        return super.write(...(args as [unknown]));
      }
      override end(...args: unknown[]): this {
        seen.push('end');
        written.push(Buffer.from(args[0] as string));
        return super.end(...(args as [unknown]));
      }
      override setHeader(name: string, value: string): this {
        seen.push(`set ${name}`);
        return super.setHeader(name, value);
      }
    }
    const listener = framework.build([ours()], (_, response) => {
      expect(response).toBeInstanceOf(Counting);
      response.setHeader('Content-Type', 'text/html');
      response.write(page.slice(0, 60));
      response.end(page.slice(60));
    });
    const server = createServer({ ServerResponse: Counting as typeof ServerResponse }, listener);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const response = await send((server.address() as AddressInfo).port, '/');
    server.close();
    expectSigned(response);
    expect(Buffer.concat(written).equals(response.body)).toBe(true);
    expect(seen).toContain('set Content-Type');
    expect(seen.filter((each) => each === 'end')).toEqual(['end']);
    // Nothing of ours is on what other responses share.
    expect(Object.getOwnPropertyNames(Counting.prototype).sort()).toEqual([
      'constructor',
      'end',
      'setHeader',
      'write',
    ]);
  },
);

describe.each<[name: string, create: () => RequestListener & { use(handler: unknown): unknown }]>([
  ['Connect', connect],
  ['Express 4', express4],
  ['Express 5', express],
])('the error pages of %s', (_name, create) => {
  test.each<[title: string, error: Error | undefined, path: string]>([
    ['a thrown error', Object.assign(new Error('no'), { stack: `Error: <img src="${url()}">` }), '/'],
    ['an error with a status', Object.assign(new Error('no'), { stack: 'Error: no', status: 410 }), '/'],
    ['no route', undefined, `/<img%20src="${url()}">`],
  ])('are as without us, the lifetime apart: %s', async (_title, error, path) => {
    const outcomes = await both(async (mounts) => {
      const app = create();
      for (const each of mounts) app.use(each);
      app.use((_request: unknown, _response: unknown, next: (error?: Error) => void) => next(error));
      const { status, headers, text } = await withSite(app, (port) => send(port, path));
      return {
        status,
        headers: headers.filter(([name]) => !['date', 'cache-control'].includes(name)),
        text,
      };
    });
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(outcomes[1].status).toBeGreaterThanOrEqual(404);
  });
});
