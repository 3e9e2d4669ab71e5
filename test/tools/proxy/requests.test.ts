/**
 * What the target gets of a request: nobody else gets any of it, and nothing of it is believed that a stranger could write.
 * Longer than most files: each part of a request has its tests here.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { exchange, parse, type RawResponse } from '../../support/http/raw.ts';
import {
  get,
  type ProxiedSite,
  type ProxySettings,
  startProxiedRaw,
} from '../../support/servers/proxied-site.ts';
import { onRequests, type RawSiteRequest } from '../../support/servers/raw-site.ts';

let site: ProxiedSite;
let requests: RawSiteRequest[];
/** Every byte that the target got. */
let received: string;

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

async function start(options: ProxySettings = {}): Promise<void> {
  requests = [];
  received = '';
  site = await startProxiedRaw((socket) => {
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    onRequests(socket, (request) => {
      requests.push(request);
      socket.write(ok);
    });
  }, options);
}

beforeEach(() => start());

async function ask(...lines: string[]): Promise<RawResponse> {
  return parse(await exchange(site.port, lines.join('\r\n')));
}

const end = ['Host: shop.example', 'Connection: close', '', ''];

function valuesOf(name: string, request = requests[0]): string[] {
  return request!.fields.filter(([each]) => each === name).map(([, value]) => value);
}

describe('the request line', () => {
  test.each([
    ['/a?b=c', '/a?b=c'],
    ['//evil.example/x', '//evil.example/x'],
    ['/\\evil.example/x', '/\\evil.example/x'],
    ['/..//../etc', '/..//../etc'],
    ['http://evil.example/x?y', '/x?y'],
    ['HTTP://evil.example', '/'],
    ['http://evil.example?y', '/?y'],
  ])('brings %s to the target, as %s', async (target, path) => {
    const { status, text } = await ask(`GET ${target} HTTP/1.1`, ...end);
    expect({ status, text }).toEqual({ status: 200, text: 'ok' });
    expect(requests.map(({ line }) => line)).toEqual([`GET ${path} HTTP/1.1`]);
  });

  test('in absolute form names the host, which the target reads and nobody asks', async () => {
    await ask('GET http://evil.example/x HTTP/1.1', ...end);
    expect(valuesOf('host')).toEqual(['evil.example']);
  });

  test('may ask about the server itself', async () => {
    await ask('OPTIONS * HTTP/1.1', ...end);
    expect(requests.map(({ line }) => line)).toEqual(['OPTIONS * HTTP/1.1']);
  });

  test.each([
    ['GET * HTTP/1.1', 400],
    ['GET http://user@evil.example/ HTTP/1.1', 400],
    ['GET http:///x HTTP/1.1', 400],
    ['GET ftp://evil.example/x HTTP/1.1', 400],
    ['GET evil.example:80 HTTP/1.1', 400],
    ['CONNECT evil.example:443 HTTP/1.1', 405],
  ])('%s is refused', async (line, status) => {
    expect((await ask(line, ...end)).status).toBe(status);
    expect(received).toBe('');
  });
});

describe('a request that could be read in two ways', () => {
  const body = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const last = `0\r\n\r\n${body}`;
  const { length } = body;

  test.each([
    ['Content-Length: 4\r\nTransfer-Encoding: chunked', last],
    ['Transfer-Encoding: chunked\r\nContent-Length: 4', last],
    [`Content-Length: 0\r\nContent-Length: ${length}`, body],
    [`Content-Length: 0, ${length}`, body],
    [`Content-Length: +${length}`, body],
    ['Transfer-Encoding: chunked', `zz\r\n${body}`],
    ['Transfer-Encoding: chunked', `-1\r\n${body}`],
    ['Transfer-Encoding: chunked, chunked', last],
    ['Transfer-Encoding: chunked, gzip', last],
    ['Transfer-Encoding: gzip, chunked', last, 501],
    ['Transfer-Encoding: xchunked', last],
    ['Transfer-Encoding : chunked', last],
    ['X-A: b\r\n Transfer-Encoding: chunked', last, 400],
    ['X-A: b\nTransfer-Encoding: chunked', last, 400],
    ['Host: other.example', ''],
    ['Host: a/b', ''],
  ])('never brings a second one to the target: %j and %j', async (fields, rest, expected = 0) => {
    const first = fields === 'Host: a/b' ? [] : ['Host: shop.example'];
    const { status } = await ask('POST /first HTTP/1.1', ...first, 'Connection: close', fields, '', rest);
    expect(received).not.toContain('smuggled');
    if (expected !== 0) expect({ status, requests }).toEqual({ status: expected, requests: [] });
    expect(status).toBeGreaterThanOrEqual(400);
  });

  const chunks = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

  test.each([
    ['Content-Length', `Content-Length: ${length}`, body],
    ['Host, Content-Length', `Content-Length: ${length}`, body],
    ['Transfer-Encoding', 'Transfer-Encoding: chunked', chunks],
  ])('`Connection: %s` takes no frame off', async (named, framing, sent) => {
    const framed = [framing, `Connection: close, ${named}`, '', sent];
    // GET: Node.js would send its body without a frame.
    await ask('GET /first HTTP/1.1', 'Host: shop.example', ...framed);
    expect(requests.map(({ line }) => line)).toEqual(['GET /first HTTP/1.1']);
    expect(requests[0]!.body).toContain('smuggled');
    expect(valuesOf('host')).toEqual(['shop.example']);
  });
});

describe('fields for one connection alone', () => {
  test('stay here, also those that Connection names', async () => {
    await ask(
      'GET / HTTP/1.1',
      'Host: shop.example',
      'Connection: close, X-Hop, x-other',
      'Connection: X-Third',
      'X-Hop: 1',
      'X-Other: 2',
      'X-Third: 3',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic eDp5',
      'TE: trailers',
      'Upgrade: h2c',
      'X-Kept: 4',
      'X-Kept: 5',
      '',
      '',
    );
    const names = 'x-hop x-other x-third keep-alive proxy-connection proxy-authorization te upgrade';
    for (const name of names.split(' ')) expect(valuesOf(name), name).toEqual([]);
    expect(valuesOf('x-kept')).toEqual(['4', '5']);
    expect(valuesOf('connection')).toEqual(['keep-alive']);
  });

  test('an upgrade that Connection does not name, or that is none, is an ordinary request', async () => {
    const h2c = ['Upgrade: h2c', 'Connection: close, Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'];
    for (const lines of [['Upgrade: websocket', 'Connection: close'], ['Connection: close, upgrade'], h2c]) {
      const { status, text } = await ask('GET /plain HTTP/1.1', 'Host: shop.example', ...lines, '', '');
      expect({ status, text }).toEqual({ status: 200, text: 'ok' });
    }
    expect(requests).toHaveLength(3);
    for (const request of requests) expect(valuesOf('upgrade', request)).toEqual([]);
  });

  test('an upgrade that is not taken may have a body, and a request behind it', async () => {
    const raw = await exchange(
      site.port,
      'POST /first HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 3\r\n\r\nabc' +
        'GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    // Newer versions of Node.js drop what is behind it: then the connection ends, which `exchange` waits for.
    expect(requests.length).toBeGreaterThan(0);
    expect(raw.toString().split('HTTP/1.1 200 OK')).toHaveLength(requests.length + 1);
    expect(requests.map(({ line, body }) => [line, body])).toEqual(
      [
        ['POST /first HTTP/1.1', 'abc'],
        ['GET /second HTTP/1.1', ''],
      ].slice(0, requests.length),
    );
  });
});

describe('what the target hears of the client', () => {
  const lies = [
    'X-Forwarded-For: 6.6.6.6',
    'x-forwarded-proto: https',
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Prefix: /evil',
    'X_Forwarded_For: 6.6.6.6',
    'X.Forwarded.For: 6.6.6.6',
    'X~Forwarded|Host: evil.example',
    'Forwarded: for=6.6.6.6',
    'X-Real-IP: 6.6.6.6',
    'Proxy: http://evil.example',
  ];

  test('is what the proxy has seen', async () => {
    await ask('GET / HTTP/1.1', ...lies, 'Host: shop.example:8443', 'Connection: close', '', '');
    expect(JSON.stringify(requests)).not.toMatch(/6\.6\.6\.6|evil/);
    expect(valuesOf('x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(valuesOf('x-forwarded-proto')).toEqual(['http']);
    expect(valuesOf('x-forwarded-host')).toEqual(['shop.example:8443']);
    expect(valuesOf('x-forwarded-port')).toEqual(['8443']);
    expect(valuesOf('forwarded')).toEqual(['for=127.0.0.1;host="shop.example:8443";proto=http']);
    expect(valuesOf('host')).toEqual(['shop.example:8443']);
  });

  test('is what a trusted proxy has said, and that one', async () => {
    await start({ trustsProxy: true });
    const told = ['X-Forwarded-For: 192.0.2.1, 192.0.2.2', 'X-Forwarded-Proto: https'];
    await ask('GET / HTTP/1.1', ...told, 'X-Forwarded-Host: shop.example', ...end);
    expect(valuesOf('x-forwarded-for')).toEqual(['192.0.2.1, 192.0.2.2, 127.0.0.1']);
    expect(valuesOf('x-forwarded-proto')).toEqual(['https']);
    expect(valuesOf('x-forwarded-host')).toEqual(['shop.example']);
    expect(valuesOf('forwarded')).toEqual([]);
  });

  test('is nothing that a trusted proxy lets slip past', async () => {
    await start({ trustsProxy: true });
    const slipped = lies.filter((line) => /^(?:X_|X\.|X~|Proxy)/.test(line));
    expect(slipped).toHaveLength(4);
    await ask('GET / HTTP/1.1', ...slipped, 'X-Forwarded-For: 192.0.2.1', ...end);
    expect(JSON.stringify(requests)).not.toMatch(/6\.6\.6\.6|evil/);
    expect(valuesOf('x-forwarded-for')).toEqual(['192.0.2.1, 127.0.0.1']);
  });

  test('has the host of the target if it is asked for', async () => {
    await start({ changesHost: true });
    await ask('GET / HTTP/1.1', ...end);
    expect(valuesOf('host')).toEqual([`127.0.0.1:${site.targetPort}`]);
    expect(valuesOf('x-forwarded-host')).toEqual(['shop.example']);
  });

  test.each([
    [
      'Accept-Encoding: gzip;q=0.5, compress, br, dcb, *;q=0.1, identity;q=0',
      ['gzip;q=0.5, br, identity;q=0'],
    ],
    ['Accept-Encoding: dcz', ['identity']],
    ['X-None: 1', []],
  ])('names only codings that pages can be read in: %s', async (field, expected) => {
    await ask('GET / HTTP/1.1', field, ...end);
    expect(valuesOf('accept-encoding')).toEqual(expected);
  });
});

test('a client of HTTP/1.0 without a host gets its answer, until the connection closes', async () => {
  const { status, text, header } = await ask('GET /old HTTP/1.0', '', '');
  expect({ status, text }).toEqual({ status: 200, text: 'ok' });
  expect(header('connection')).toBe('close');
  expect(requests[0]!.line).toBe('GET /old HTTP/1.1');
});

test('no field hides behind thousands of others', async () => {
  const filler = Array.from({ length: 3_000 }, (_, at) => `${(at % 36).toString(36)}:`);
  const last = ['Authorization: Basic eA==', 'X-Forwarded-For: 1.2.3.4', 'Content-Length: 3'];
  const { status } = await ask('POST / HTTP/1.1', end[0]!, end[1]!, ...filler, ...last, '', 'a=1');
  expect(status).toBe(200);
  expect(requests[0]!.fields.filter(([, value]) => value === '')).toHaveLength(filler.length);
  expect(valuesOf('authorization')).toEqual(['Basic eA==']);
  expect(valuesOf('x-forwarded-for')).toEqual(['127.0.0.1']);
  expect(valuesOf('content-length')).toEqual(['3']);
  expect(received.endsWith('\r\n\r\na=1')).toBe(true);
});

test('headers of more than 16 KB are answered with 431', async () => {
  const { status } = await ask('GET / HTTP/1.1', `X-Long: ${'x'.repeat(20_000)}`, ...end);
  expect(status).toBe(431);
  expect(received).toBe('');
});

test('a request that comes back to the proxy has gone in a circle', async () => {
  await ask('GET / HTTP/1.1', 'Via: 1.0 fred', ...end);
  const [via = ''] = valuesOf('via');
  expect(via).toMatch(/^1\.0 fred, 1\.1 image-signer-[\w-]+$/);
  expect((await ask('GET / HTTP/1.1', `Via: ${via}, 1.1 another`, ...end)).status).toBe(508);
  expect(requests).toHaveLength(1);
});

test('a body in chunks arrives with its trailers, but for those that could be no header', async () => {
  const names = ['Host', 'X-Forwarded-For', 'X.Real.IP', 'Cookie', 'Proxy', 'Connection', 'If-Match'];
  const body = `3\r\nabc\r\n0\r\n${names.map((name) => `${name}: evil\r\n`).join('')}X-Sum: 7\r\n\r\n`;
  const fields = ['Transfer-Encoding: chunked', 'Trailer: X-Sum', 'Host: a', 'Connection: close'];
  await ask('POST / HTTP/1.1', ...fields, '', body);
  expect(requests).toHaveLength(1);
  expect(received).toContain('\r\n0\r\nX-Sum: 7\r\n\r\n');
  expect(received).not.toContain('evil');
});

test('requests that a client sends at once come to the target one after the other', async () => {
  const paths: string[] = [];
  const begun: Socket[] = [];
  site = await startProxiedRaw((socket) =>
    onRequests(socket, ({ line }) => {
      paths.push(line.split(' ')[1]!);
      begun.push(socket);
      if (paths.length > 1) socket.write(ok);
    }),
  );
  const client = site.open((get.replace('/', '/1') + get.replace('/', '/2')).repeat(2));
  await expect.poll(() => paths).toEqual(['/1']);
  // Another client is not kept waiting. By the time it has its answer, all four would have come.
  await site.ask('/other');
  expect(paths).toEqual(['/1', '/other']);
  begun[0]!.write(ok);
  await expect.poll(() => paths).toEqual(['/1', '/other', '/2', '/1', '/2']);
  client.destroy();
});

test('a body waits until the target wants it, where the client asks so', async () => {
  const order: string[] = [];
  site = await startProxiedRaw((socket) => {
    socket.once('data', (head) => {
      order.push('head');
      expect(head.toString()).toMatch(/^expect: 100-continue\r$/im);
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', (body) => {
        order.push(body.toString());
        socket.end(ok);
      });
    });
  });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n';
  const socket = site.open(`${head}Connection: close\r\n\r\n`);
  const [first] = (await once(socket, 'data')) as [Buffer];
  expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(order).toEqual(['head']);
  socket.write('body');
  const [second] = (await once(socket, 'data')) as [Buffer];
  expect(second.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(order).toEqual(['head', 'body']);
  socket.destroy();
});
