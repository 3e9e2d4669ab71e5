/** A target that fails, and a client that leaves: the right status or a closed connection, and the proxy lives. */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { failureOf } from '../../../src/tools/proxy/failures.ts';
import {
  type ProxiedSite,
  startProxied,
  startProxiedRaw,
  startProxyBefore,
} from '../../support/proxied-site.ts';
import { exchange, parse, send } from '../../support/raw.ts';
import { onRequests } from '../../support/raw-site.ts';
import { base, url } from '../../support/samples.ts';
import { WireReader } from '../../support/wire-reader.ts';

let site: ProxiedSite | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await site?.close();
  site = undefined;
});

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** The first connection gets what the test says, and each later one an answer. */
function failingOnce(first: (socket: Socket) => void): (socket: Socket) => void {
  let isFirst = true;
  return (socket) => {
    const answer = isFirst ? first : (each: Socket) => each.write(ok);
    isFirst = false;
    onRequests(socket, () => answer(socket));
  };
}

async function expectAlive(): Promise<void> {
  expect((await send(site!.port, '/after')).text).toBe('ok');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

test('nothing listens at the target: 502, as a plain page that nobody keeps', async () => {
  site = await startProxyBefore(await freePort());
  const { status, text, header } = await send(site.port, '/x?secret');
  expect({ status, text }).toEqual({ status: 502, text: '502 Bad Gateway\n' });
  expect(header('cache-control')).toBe('no-store');
  expect(header('content-type')).toBe('text/plain; charset=utf-8');
  expect(site.failures).toEqual(['nothing listens at the target']);
});

test('there is no key to sign with: 503 for a page, which says when to come again', async () => {
  const fail = (): never => {
    throw new Error('the store is away');
  };
  site = await startProxied(
    (_request, response) => response.setHeader('Content-Type', 'text/html').end(`<img src="${url()}">`),
    { imageSigner: { ...base, key: fail, report: false } },
  );
  const { status, text, header } = await send(site.port, '/');
  expect({ status, text }).toEqual({ status: 503, text: '503 Service Unavailable\n' });
  expect(header('retry-after')).toBe('1');
});

test('a header that is too long is told with what allows it', async () => {
  site = await startProxiedRaw(
    failingOnce((socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)),
  );
  expect((await send(site.port, '/')).status).toBe(502);
  expect(site.failures).toEqual([expect.stringContaining('NODE_OPTIONS=--max-http-header-size=65536')]);
});

test('a certificate that nobody vouches for is named, with the way out', () => {
  for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])
    expect(failureOf({ code })).toMatchObject({
      status: 502,
      reason: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  expect(failureOf({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }).reason).toContain('--target');
});

test.each([
  ['closes without a word', (socket: Socket) => socket.end()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['answers half a head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
  [
    'sends two lengths',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  ],
  [
    'sends a length and chunks',
    (socket: Socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
  ],
  ['speaks another protocol', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  [
    'sends a coding that nobody knows',
    (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
  ],
  [
    'sends headers without end',
    (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`),
  ],
  [
    'switches protocols unasked',
    (socket: Socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  ],
])('the target %s: 502', async (_title, fail) => {
  site = await startProxiedRaw(failingOnce(fail));
  expect((await send(site.port, '/')).status).toBe(502);
  await expectAlive();
});

test.each([
  ['does not answer', () => {}],
  ['begins a head and stops', (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nX: ')],
])('the target %s in time: 504', async (_title, stall) => {
  site = await startProxiedRaw(failingOnce(stall), { limits: { target: 50 } });
  const { status, text } = await send(site.port, '/');
  expect({ status, text }).toEqual({ status: 504, text: '504 Gateway Timeout\n' });
  expect(site.failures).toEqual(['the target did not answer in time']);
  await expectAlive();
});

describe('the target breaks off in the middle', () => {
  const part = `<img src="${url()}">`;

  test.each([
    [
      'a page in chunks',
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n`,
    ],
    [
      'a page with a length',
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n${part}`,
    ],
    ['a file with a length', 'HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\nabc'],
    ['a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab'],
    ['by a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n'],
  ])('of %s: the connection closes, and nothing looks complete', async (_title, begin) => {
    for (const end of [
      (socket: Socket) => socket.end(begin),
      (socket: Socket) => socket.write(begin, () => socket.resetAndDestroy()),
    ]) {
      site = await startProxiedRaw(failingOnce(end));
      // A break that comes with the head, or while a page waits for its rest, may still be told by a status.
      const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
      const raw = await exchange(site.port, request).catch(() => Buffer.alloc(0));
      const answer = raw.length === 0 ? undefined : parse(raw);
      if (answer?.status === 200) expect(answer.isComplete).toBe(false);
      else expect([undefined, 502]).toContain(answer?.status);
      await expectAlive();
      await site.close();
    }
  });
});

describe('a target that falls silent within its answer', () => {
  const html = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n';

  test.each([
    ['a file', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc'],
    ['a page', `${html}\r\n<p>`],
    ['a page that is encoded', `${html}Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03`],
    ['an answer without a byte of its body', `${html}Content-Length: 5000\r\n\r\n`],
  ])('is cut off after 60 seconds: %s', async (_title, begin) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const target = new EventEmitter();
    site = await startProxiedRaw(
      (socket) => {
        socket.on('close', () => target.emit('close'));
        onRequests(socket, () => socket.write(begin, 'latin1'));
      },
      { limits: { hold: 0 } },
    );
    const client = connect(site.port, '127.0.0.1', () =>
      client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    const closed = [once(client, 'close'), once(target, 'close')];
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(59_999);
    expect(site.failures).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(site.failures).toEqual(['the target fell silent within its answer']);
    client.resume();
    await Promise.all(closed);
  });

  test('gives 504 for a page of which nothing has gone out, and the connection stays', async () => {
    site = await startProxiedRaw(
      failingOnce((socket) => socket.write(`${html}Content-Length: 5000\r\n\r\n<p>`)),
      {
        limits: { target: 60, hold: 60_000 },
      },
    );
    const visitor = new WireReader(site.port, 'fast');
    visitor.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await visitor.read('GET'))?.status).toBe(504);
    visitor.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await visitor.read('GET'))?.body.toString()).toBe('ok');
    visitor.close();
  });

  test('may do so in a stream of events, between two parts of a file, and while the visitor reads', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const sockets = new Map<string, Socket>();
    site = await startProxiedRaw((socket) =>
      onRequests(socket, ({ line }) => {
        sockets.set(line, socket);
        const type = line.includes('/events') ? 'Text/Event-Stream' : 'image/png';
        socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n1`);
      }),
    );
    for (const path of ['/events', '/file']) {
      const client = connect(site.port, '127.0.0.1', () =>
        client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
      );
      await once(client, 'data');
      for (let part = 0; part < 5; part++) {
        const came = once(client, 'data');
        vi.advanceTimersByTime(path === '/events' ? 3_600_000 : 59_000);
        sockets.get(`GET ${path} HTTP/1.1`)!.write('2');
        await came;
      }
      client.destroy();
    }
    expect(site.failures).toEqual([]);
  });
});

describe('an upload', () => {
  test('whose answer has begun may take as long as it moves', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const received = new EventEmitter();
    site = await startProxiedRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no'));
      socket.on('data', (chunk) => received.emit('data', chunk));
      received.on('end', () => socket.write('k'));
    });
    const socket = new WireReader(site.port, 'fast');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nConnection: close\r\n\r\none');
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    for (const part of ['two', 'end']) {
      const came = once(received, 'data');
      socket.write(part);
      expect(String((await came)[0])).toBe(part);
      vi.advanceTimersByTime(59_000);
    }
    received.emit('end');
    expect((await socket.read('POST'))?.body.toString()).toBe('ok');
  });

  test('goes on as it comes', async () => {
    const chunks: string[] = [];
    let tell: () => void = () => {};
    const gotFirst = new Promise<void>((resolve) => {
      tell = resolve;
    });
    site = await startProxied((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => {
        chunks.push(chunk);
        tell();
      });
      request.on('end', () => response.end(String(chunks.join('').length)));
    });
    const socket = connect(site.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\nConnection: close\r\n\r\nfour');
    await gotFirst; // before the rest is sent
    socket.write('more');
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/\r\n8\r\n|\r\n8$/);
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
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n');
    for (let part = 0; part < 60; part++) socket.write(Buffer.alloc(1_000_000));
    // While other requests are answered, the upload had all the time that it needs.
    for (let other = 0; other < 30; other++) await send(site.port, '/');
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(30_000_000);
    socket.destroy();
  });

  test('may take as long as it moves', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const received = new EventEmitter();
    site = await startProxiedRaw((socket) => socket.on('data', (chunk) => received.emit('data', chunk)));
    const socket = connect(site.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nConnection: close\r\n\r\n');
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

  test('that the target answers before its end gets that answer', async () => {
    site = await startProxiedRaw((socket) => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      });
    });
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nbegin');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test('to a target that closes on it is a 502', async () => {
    site = await startProxiedRaw((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const socket = connect(site.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nbegin');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 502 /);
    socket.destroy();
  });
});

describe('a client that leaves', () => {
  test.each([
    ['before the answer', undefined],
    [
      'in the middle of a page',
      'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n',
    ],
    ['in the middle of a file', 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc'],
  ])('%s is gone for the target as well', async (_title, begin) => {
    let left: Promise<unknown> | undefined;
    const asked = new Promise<void>((resolve) => {
      void startProxiedRaw((socket) => {
        left = once(socket, 'close');
        onRequests(socket, () => {
          if (begin !== undefined) socket.write(begin);
          resolve();
        });
      }).then((started) => {
        site = started;
        client = connect(started.port, '127.0.0.1', () => client!.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
      });
    });
    let client: Socket | undefined;
    await asked;
    if (begin !== undefined) await once(client!, 'data');
    client!.destroy();
    await left;
  });
});

describe('a client that does not read', () => {
  const endless = (begin: string) => (socket: Socket) => {
    socket.once('data', () => {
      socket.write(begin);
      for (let part = 0; part < 60; part++) socket.write(Buffer.alloc(1_000_000));
    });
  };

  test.each([
    ['a file', 'HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n'],
    ['a page', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n'],
  ])('gets no more of %s after a while, and the target is free', async (_title, begin) => {
    let left: Promise<unknown> | undefined;
    site = await startProxiedRaw(
      (socket) => {
        left = new Promise((resolve) => socket.once('close', resolve));
        endless(begin)(socket);
      },
      { limits: { client: 20 } },
    );
    const client = connect(site.port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
    await once(client, 'readable'); // and is not read
    await left;
    client.destroy();
  });

  test('is cut off after 60 seconds, however many bytes it sends', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const target = new EventEmitter();
    site = await startProxiedRaw((socket) => {
      socket.on('close', () => target.emit('close'));
      endless('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n')(socket);
    });
    const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    const client = connect(site.port, '127.0.0.1', () => client.write(get));
    client.on('error', () => {}); // the proxy has cut it off
    await once(client, 'readable'); // and is not read
    let hasLeft = false;
    const left = once(target, 'close').then(() => {
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
    let tell = (): void => {};
    site = await startProxied(
      (request, response) => {
        if (request.url === '/') return void response.end('ok');
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
        tell = () => response.write('data: 2\n\n');
      },
      { limits: { client: 1 } },
    );
    const reader = (await fetch(`http://127.0.0.1:${site.port}/events`)).body!.getReader();
    await reader.read();
    for (let other = 0; other < 5; other++) await send(site.port, '/'); // meanwhile its limit is over
    tell();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('data: 2\n\n');
    await reader.cancel();
  });
});

test('a connection that the target has closed just now is no failure of a request without effects', async () => {
  let connections = 0;
  const seen: string[] = [];
  site = await startProxiedRaw((socket) => {
    const isFirst = ++connections === 1;
    let requests = 0;
    onRequests(socket, ({ line }) => {
      seen.push(line);
      // Kept alive after the first answer, and closed on the second request.
      if (isFirst && ++requests === 2) socket.resetAndDestroy();
      else socket.write(ok);
    });
  });
  expect((await send(site.port, '/1')).text).toBe('ok');
  expect((await send(site.port, '/2')).text).toBe('ok');
  expect(seen).toEqual(['GET /1 HTTP/1.1', 'GET /2 HTTP/1.1', 'GET /2 HTTP/1.1']);
});

test('and its second try has a time limit as well', async () => {
  let requests = 0;
  site = await startProxiedRaw(
    (socket) =>
      onRequests(socket, () => {
        if (++requests === 1) socket.write(ok);
        else if (requests === 2) socket.resetAndDestroy();
      }),
    { limits: { target: 50 } },
  );
  expect((await send(site.port, '/1')).text).toBe('ok');
  expect((await send(site.port, '/2')).status).toBe(504);
});

test('nor are several connections that the target has closed', async () => {
  let connections = 0;
  site = await startProxiedRaw((socket) => {
    const isKept = ++connections <= 3;
    let requests = 0;
    onRequests(socket, () => {
      if (isKept && ++requests === 2) socket.resetAndDestroy();
      // All three are open at once before the first gets its answer.
      else if (isKept) waiting.push(socket);
      else socket.write(ok);
      if (waiting.length === 3) for (const each of waiting.splice(0)) each.write(ok);
    });
  });
  const waiting: Socket[] = [];
  const first = await Promise.all(['/1', '/2', '/3'].map((path) => send(site!.port, path)));
  expect(first.map(({ text }) => text)).toEqual(['ok', 'ok', 'ok']);
  expect((await send(site.port, '/4')).text).toBe('ok');
  expect(connections).toBe(4);
});

test('a request with effects is not sent twice', async () => {
  const seen: string[] = [];
  let requests = 0;
  site = await startProxiedRaw((socket) =>
    onRequests(socket, ({ line }) => {
      seen.push(line);
      if (++requests === 2) socket.resetAndDestroy();
      else socket.write(ok);
    }),
  );
  expect((await send(site.port, '/1')).text).toBe('ok');
  expect((await send(site.port, '/2', { method: 'POST', body: 'x' })).status).toBe(502);
  expect(seen).toEqual(['GET /1 HTTP/1.1', 'POST /2 HTTP/1.1']);
});
