/**
 * A target that fails, and a client that leaves: the right status or a closed connection, and the proxy lives.
 * Longer than most files: each way to fail has its test here.
 */
import { EventEmitter, once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failureOf } from '../../../src/tools/proxy/failures.ts';
import { relay } from '../../../src/tools/proxy/relay.ts';
import { exchange, parse } from '../../support/http/raw.ts';
import { WireReader } from '../../support/http/wire-reader.ts';
import { moment } from '../../support/moment.ts';
import { base, url } from '../../support/samples.ts';
import {
  get,
  type ProxiedSite,
  startProxied,
  startProxiedRaw,
  startProxyBeforeNothing,
} from '../../support/servers/proxied-site.ts';
import { onRequests } from '../../support/servers/raw-site.ts';

let site: ProxiedSite;
afterEach(() => vi.useRealTimers());

const status = 'HTTP/1.1 200 OK\r\n';
const ok = `${status}Content-Length: 2\r\n\r\nok`;
const html = `${status}Content-Type: text/html\r\n`;
const chunked = `${status}Transfer-Encoding: chunked\r\n\r\n`;
const tooLong = `${status}X: ${'x'.repeat(40_000)}\r\n\r\n`;
const closing = 'Connection: close\r\n\r\n';
const post = (length: number): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n`;

const resets = (socket: Socket): unknown => socket.resetAndDestroy();
const ends = (text: string) => (socket: Socket) => socket.end(text);
const writes = (text: string) => (socket: Socket) => socket.write(text);

/** The first connection gets what the test says, and each later one an answer. */
function failingOnce(first: (socket: Socket) => unknown): (socket: Socket) => void {
  let isFirst = true;
  return (socket) => {
    const answer = isFirst ? first : writes(ok);
    isFirst = false;
    onRequests(socket, () => answer(socket));
  };
}

const expectAlive = async (): Promise<void> => expect((await site.ask('/after')).text).toBe('ok');

/** Of the proxy's own clock; without `setTimeout`, which Node.js needs. */
const stopIntervals = (): unknown => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
async function untilTimed(): Promise<void> {
  while (vi.getTimerCount() === 0) await new Promise(setImmediate);
}

test('nothing listens at the target: 502, as a plain page that nobody keeps', async () => {
  site = await startProxyBeforeNothing();
  const { status, text, header } = await site.ask('/x?secret');
  expect({ status, text }).toEqual({ status: 502, text: '502 Bad Gateway\n' });
  expect(header('cache-control')).toBe('no-store');
  expect(header('content-type')).toBe('text/plain; charset=utf-8');
  expect(site.failures).toEqual(['nothing listens at the target']);
});

test('a target whose answer is over is not looked at, while its page is still on the way', () => {
  stopIntervals();
  const socket = new Socket();
  const answer = Object.assign(new PassThrough(), { socket, headers: {}, rawHeaders: [], statusCode: 200 });
  const response = new ServerResponse(Object.assign(new IncomingMessage(socket), { httpVersion: '1.1' }));
  Object.defineProperty(response, 'writableLength', { value: 0 }); // nothing waits for the client
  const unexpected = (): never => {
    throw new Error('the answer is not at fault');
  };
  const limits = { origin: 'http://a', isPage: true, hold: 100, silence: 60_000, stall: 60_000 };
  relay(answer as never, response, { ...limits, onSilence: unexpected, onInvalid: unexpected });
  // As Node.js does when the connection goes back to the agent.
  Object.assign(answer, { complete: true, socket: null });
  vi.advanceTimersByTime(600_000);
  expect(response.destroyed).toBe(false);
});

test('there is no key to sign with: 503 for a page, which says when to come again', async () => {
  const key = (): never => {
    throw new Error('the store is away');
  };
  site = await startProxied(
    (_request, response) => response.setHeader('Content-Type', 'text/html').end(`<img src="${url()}">`),
    { imageSigner: { ...base, key, report: false } },
  );
  const { status, text, header } = await site.ask('/');
  expect({ status, text }).toEqual({ status: 503, text: '503 Service Unavailable\n' });
  expect(header('retry-after')).toBe('1');
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'NODE_EXTRA_CA_CERTS'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', '--target'],
])('a certificate that nobody vouches for is named, with the way out: %s', (code, told) => {
  expect(failureOf({ code })).toMatchObject({ status: 502, reason: expect.stringContaining(told) });
});

test('a connection that the system gives up on is 504', () => {
  expect(failureOf({ code: 'ETIMEDOUT' })).toMatchObject({ status: 504 });
});

test.each([
  ['closes without a word', (socket: Socket) => socket.end()],
  ['resets', resets],
  ['answers half a head', ends(`${status}Content-Le`)],
  ['sends two lengths', ends(`${status}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`)],
  [
    'sends a length and chunks',
    ends(`${status}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`),
  ],
  ['speaks another protocol', ends('SSH-2.0-OpenSSH_9.6\r\n')],
  ['sends a coding that nobody knows', ends(`${status}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`)],
  ['sends headers without end', ends(tooLong), 'NODE_OPTIONS=--max-http-header-size=65536'],
  [
    'switches protocols unasked',
    writes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  ],
])('the target %s: 502', async (_title, fail, told = '') => {
  site = await startProxiedRaw(failingOnce(fail));
  expect((await site.ask('/')).status).toBe(502);
  expect(site.failures).toEqual([expect.stringContaining(told)]);
  await expectAlive();
});

test.each([
  ['a chunk that is none', `${chunked}zz\r\n`],
  ['a page in such chunks', `${html}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ['chunks that stop being any', `${chunked}2\r\nab\r\nzz\r\n`],
  ['two lengths', `${status}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  ['a coding that nobody knows', `${status}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
])('after the 502 for %s, the connection serves the next request', async (_title, answer) => {
  site = await startProxiedRaw(failingOnce(writes(answer)));
  const raw = await exchange(site.port, get + get.replace('\r\n\r\n', `\r\n${closing}`));
  expect(raw.toString().match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 502', 'HTTP/1.1 200']);
  expect(site.failures).toHaveLength(1);
});

test.each([
  ['does not answer', () => {}],
  ['begins a head and stops', writes(`${status}X: `)],
])('the target %s in time: 504', async (_title, stall) => {
  site = await startProxiedRaw(failingOnce(stall), { limits: { target: 50 } });
  const { status, text } = await site.ask('/');
  expect({ status, text }).toEqual({ status: 504, text: '504 Gateway Timeout\n' });
  expect(site.failures).toEqual(['the target did not answer in time']);
  await expectAlive();
});

const part = `<img src="${url()}">`;

test.each([
  [
    'of a page in chunks',
    `${html}Transfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n`,
  ],
  ['of a page with a length', `${html}Content-Length: 5000\r\n\r\n${part}`],
  ['of a file with a length', `${status}Content-Type: image/png\r\nContent-Length: 5000\r\n\r\nabc`],
  ['of a chunk', `${chunked}5\r\nab`],
  ['by a chunk that is none', `${chunked}2\r\nab\r\nzz\r\n`],
])('in the middle %s the target breaks off: nothing looks complete', async (_title, begin) => {
  for (const end of [ends(begin), (socket: Socket) => socket.write(begin, () => resets(socket))]) {
    site = await startProxiedRaw(failingOnce(end));
    // A break that comes with the head, or while a page waits for its rest, may still be told by a status.
    const raw = await exchange(site.port, `GET / HTTP/1.1\r\nHost: a\r\n${closing}`).catch(() =>
      Buffer.alloc(0),
    );
    const answer = raw.length === 0 ? undefined : parse(raw);
    if (answer?.status === 200) expect(answer.isComplete).toBe(false);
    else expect([undefined, 502]).toContain(answer?.status);
    await expectAlive();
  }
});

describe('a target that falls silent within its answer', () => {
  test.each([
    ['a file', `${status}Content-Length: 5000\r\n\r\nabc`],
    ['a page', `${html}\r\n<p>`],
    ['a page that is encoded', `${html}Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03`],
    ['an answer without a byte of its body', `${html}Content-Length: 5000\r\n\r\n`],
  ])('is cut off after 60 seconds: %s', async (_title, begin) => {
    stopIntervals();
    const target = new EventEmitter();
    site = await startProxiedRaw(
      (socket) => {
        socket.on('close', () => target.emit('close'));
        onRequests(socket, () => socket.write(begin, 'latin1'));
      },
      { limits: { hold: 0 } },
    );
    const client = site.open(`GET / HTTP/1.1\r\nHost: a\r\n${closing}`);
    const closed = [once(client, 'close'), once(target, 'close')];
    await untilTimed();
    vi.advanceTimersByTime(59_999);
    expect(site.failures).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(site.failures).toEqual(['the target stopped in the middle of its answer']);
    client.resume();
    await Promise.all(closed);
  });

  test('gives 504 for a page of which nothing has gone out, and the connection stays', async () => {
    const limits = { target: 60, hold: 60_000 };
    site = await startProxiedRaw(failingOnce(writes(`${html}Content-Length: 5000\r\n\r\n<p>`)), { limits });
    const visitor = new WireReader(site.port, 'fast');
    visitor.write(get);
    expect((await visitor.read('GET'))?.status).toBe(504);
    visitor.write(get);
    expect((await visitor.read('GET'))?.body.toString()).toBe('ok');
    visitor.close();
  });

  test.each([
    ['a stream of events', 'Text/Event-Stream', 3_600_000],
    ['a file', 'image/png', 59_000],
  ])('may do so between two parts of %s, while the visitor reads', async (_title, type, pause) => {
    stopIntervals();
    let target: Socket | undefined;
    site = await startProxiedRaw((socket) => {
      target = socket;
      onRequests(socket, () => socket.write(`${status}Content-Type: ${type}\r\n\r\n1`));
    });
    const client = site.open();
    await once(client, 'data');
    for (let turn = 0; turn < 5; turn++) {
      const came = once(client, 'data');
      vi.advanceTimersByTime(pause);
      target!.write('2');
      await came;
    }
    client.destroy();
    expect(site.failures).toEqual([]);
  });
});

describe('an upload', () => {
  test('whose answer has begun may take as long as it moves', async () => {
    stopIntervals();
    const received = new EventEmitter();
    site = await startProxiedRaw((socket) => {
      socket.once('data', () => socket.write(`${status}Content-Length: 2\r\n\r\no`));
      socket.on('data', (chunk) => received.emit('data', chunk));
      received.on('end', () => socket.write('k'));
    });
    const socket = new WireReader(site.port, 'fast');
    socket.write(`${post(9)}${closing}one`);
    await untilTimed();
    for (const part of ['two', 'end']) {
      const came = once(received, 'data');
      socket.write(part);
      expect(String((await came)[0])).toBe(part);
      vi.advanceTimersByTime(59_000);
    }
    received.emit('end');
    expect((await socket.read('POST'))?.body.toString()).toBe('ok');
  });

  test('to a target that does not read waits at the client', async () => {
    const unread = (socket: Socket): void => {
      socket.once('data', (head) => {
        if (head.toString().startsWith('POST')) socket.pause();
        else socket.end(ok);
      });
    };
    // A stop would wait for the upload: nobody reads, so nobody sees that the client has left.
    site = await startProxiedRaw(unread, { limits: { stop: 50 } });
    const socket = site.open(`${post(60_000_000)}\r\n`);
    for (let part = 0; part < 60; part++) socket.write(Buffer.alloc(1_000_000));
    // While other requests are answered, the upload had all the time that it needs.
    for (let other = 0; other < 30; other++) await site.ask('/');
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(30_000_000);
    socket.destroy();
  });

  test('may take as long as it moves', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const received = new EventEmitter();
    site = await startProxiedRaw((socket) => socket.on('data', (chunk) => received.emit('data', chunk)));
    const socket = site.open(`${post(9)}${closing}`);
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    for (const part of ['one', 'two']) {
      socket.write(part);
      while (!String((await once(received, 'data'))[0]).endsWith(part));
      vi.advanceTimersByTime(60_000);
    }
    expect(site.failures).toEqual([]);
    vi.advanceTimersByTime(60_000);
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 504 /);
  });

  test.each([
    [
      'that the target answers before its end',
      ends(`HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n${closing}`),
      413,
    ],
    ['to a target that closes on it', resets, 502],
  ])('%s gets its answer', async (_title, answer, expected) => {
    site = await startProxiedRaw((socket) => socket.once('data', () => answer(socket)));
    const socket = site.open(`${post(100_000_000)}\r\nbegin`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(new RegExp(`^HTTP/1\\.1 ${expected} `));
    socket.destroy();
  });
});

test.each([
  ['before the answer', undefined],
  ['in the middle of a page', `${html}Transfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n`],
  ['in the middle of a file', `${status}Content-Length: 1000\r\n\r\nabc`],
])('a client that leaves %s is gone for the target as well', async (_title, begin) => {
  const [asked, left] = [moment(), moment()];
  site = await startProxiedRaw((socket) => {
    socket.once('close', () => left.come());
    onRequests(socket, () => {
      if (begin !== undefined) socket.write(begin);
      asked.come();
    });
  });
  const client = site.open();
  await asked.comes;
  if (begin !== undefined) await once(client, 'data');
  client.destroy();
  await left.comes;
});

describe('a client that does not read', () => {
  /** To a target that sends without end. @returns the moment when its connection is closed, and the client */
  async function askEndless(begin: string, limits = {}): Promise<{ left: Promise<void>; client: Socket }> {
    const left = moment();
    site = await startProxiedRaw(
      (socket) => {
        socket.once('close', () => left.come());
        socket.once('data', () => {
          socket.write(begin);
          for (let part = 0; part < 60; part++) socket.write(Buffer.alloc(1_000_000));
        });
      },
      { limits },
    );
    const client = site.open();
    await once(client, 'readable'); // and is not read
    return { left: left.comes, client };
  }
  const file = `${status}Content-Length: 1000000000\r\n\r\n`;

  test.each([
    ['a file', file],
    ['a page', `${html}\r\n`],
  ])('gets no more of %s after a while, and the target is free', async (_title, begin) => {
    const { left, client } = await askEndless(begin, { client: 20 });
    await left;
    client.destroy();
  });

  test('is cut off after 60 seconds, however many bytes it sends', async () => {
    stopIntervals();
    const { left, client } = await askEndless(file);
    let hasLeft = false;
    void left.then(() => {
      hasLeft = true;
    });
    for (let look = 0; look < 12 && !hasLeft; look++) {
      client.write(get);
      // What the kernel takes for the client comes to an end.
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      vi.advanceTimersByTime(look < 5 ? 10_000 : 5_000);
    }
    await left;
    client.destroy();
  });

  test('may wait for events as long as it likes', async () => {
    const next = moment();
    site = await startProxied(
      (request, response) => {
        if (request.url === '/') return void response.end('ok');
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
        void next.comes.then(() => response.write('data: 2\n\n'));
      },
      { limits: { client: 1 } },
    );
    const reader = (await fetch(`http://127.0.0.1:${site.port}/events`)).body!.getReader();
    await reader.read();
    for (let other = 0; other < 5; other++) await site.ask('/'); // meanwhile its limit is over
    next.come();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: 2\n\n');
    await reader.cancel();
  });
});

describe('a connection that the target has closed just now', () => {
  let connections: number;
  /** It answers what `answers` says of a request, by its number on its connection and that of the connection. */
  async function start(
    answers: (request: number, connection: number, socket: Socket) => boolean,
    options = {},
  ): Promise<string[]> {
    const seen: string[] = [];
    connections = 0;
    site = await startProxiedRaw((socket) => {
      const connection = ++connections;
      let requests = 0;
      onRequests(socket, ({ line }) => {
        seen.push(line);
        if (answers(++requests, connection, socket)) socket.write(ok);
      });
    }, options);
    return seen;
  }
  const closesSecond = (request: number, connection: number, socket: Socket): boolean => {
    if (request === 2 && connection === 1) socket.resetAndDestroy();
    return request === 1;
  };

  test('is no failure of a request without effects', async () => {
    const seen = await start(closesSecond);
    for (const path of ['/1', '/2']) expect((await site.ask(path)).text).toBe('ok');
    expect(seen).toEqual(['GET /1 HTTP/1.1', 'GET /2 HTTP/1.1', 'GET /2 HTTP/1.1']);
  });

  test('is tried again within a time limit as well', async () => {
    await start(
      (request, connection, socket) => closesSecond(request, connection, socket) && connection === 1,
      {
        limits: { target: 50 },
      },
    );
    expect((await site.ask('/1')).text).toBe('ok');
    expect((await site.ask('/2')).status).toBe(504);
  });

  test('is no failure among several', async () => {
    const waiting: Socket[] = [];
    await start((request, connection, socket) => {
      if (connection > 3) return true;
      if (request === 2) socket.resetAndDestroy();
      // All three are open at once before the first gets its answer.
      else waiting.push(socket);
      if (waiting.length === 3) for (const each of waiting.splice(0)) each.write(ok);
      return false;
    });
    const first = await Promise.all(['/1', '/2', '/3'].map((path) => site.ask(path)));
    expect(first.map(({ text }) => text)).toEqual(['ok', 'ok', 'ok']);
    expect((await site.ask('/4')).text).toBe('ok');
    expect(connections).toBe(4);
  });

  test.each([
    ['POST', 'x'],
    ['DELETE', ''],
  ])('gets no request with effects a second time: %s', async (method, body) => {
    const seen = await start(closesSecond);
    expect((await site.ask('/1')).text).toBe('ok');
    expect((await site.ask('/2', { method, body })).status).toBe(502);
    expect(seen).toEqual(['GET /1 HTTP/1.1', `${method} /2 HTTP/1.1`]);
  });
});
