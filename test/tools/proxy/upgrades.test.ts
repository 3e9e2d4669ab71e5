/** WebSockets through the proxy, and upgrades that come to nothing. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { exchange, parse } from '../../support/http/raw.ts';
import { WireReader } from '../../support/http/wire-reader.ts';
import { base, countTokens, url, withoutTokens } from '../../support/samples.ts';
import {
  type ProxiedSite,
  startProxied,
  startProxiedServer,
  startProxyBeforeNothing,
} from '../../support/servers/proxied-site.ts';

let site: ProxiedSite;

const handshake =
  'GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function startEcho(): Promise<{ asked: IncomingMessage[]; sockets: WebSocket[] }> {
  const server = createServer();
  const echo = { asked: [] as IncomingMessage[], sockets: [] as WebSocket[] };
  new WebSocketServer({ server }).on('connection', (socket, request) => {
    echo.asked.push(request);
    echo.sockets.push(socket);
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
  });
  site = await startProxiedServer(server);
  return echo;
}

test('messages go both ways, and the end as well', async () => {
  const { asked, sockets } = await startEcho();
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/socket?a=b`, {
    headers: { 'X-Forwarded-For': '6.6.6.6', Cookie: 'session=1' },
  });
  await once(socket, 'open');
  const bytes = Buffer.alloc(300_000, 7);
  socket.send('hello');
  socket.send(bytes);
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
  expect(((await once(socket, 'message'))[0] as Buffer).equals(bytes)).toBe(true);
  expect(asked[0]!.url).toBe('/socket?a=b');
  expect(asked[0]!.headers).toMatchObject({
    'x-forwarded-for': '127.0.0.1',
    host: `127.0.0.1:${site.port}`,
    cookie: 'session=1',
  });
  const closed = once(sockets[0]!, 'close');
  socket.close(4000, 'bye');
  expect((await closed)[0]).toBe(4000);
});

test.each([
  ['the client', 'the target'],
  ['the target', 'the client'],
])('%s breaks off, and %s hears of it', async (breaking) => {
  const { sockets } = await startEcho();
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/`);
  socket.on('error', () => {});
  await once(socket, 'open');
  const [gone, other] = breaking === 'the client' ? [socket, sockets[0]!] : [sockets[0]!, socket];
  const closed = once(other, 'close');
  gone.terminate();
  expect((await closed)[0]).toBe(1006);
});

test('a target that does not take the upgrade gives its own answer', async () => {
  site = await startProxied((_, response) => {
    response.writeHead(403, { 'Content-Type': 'text/plain' }).end('no');
  });
  const { status, text } = parse(await exchange(site.port, handshake));
  expect({ status, text }).toEqual({ status: 403, text: 'no' });
});

describe('a handshake that is answered with a page', () => {
  const page = `<img src="${url()}">`;
  const begin = (response: ServerResponse, onSent?: () => void): boolean =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).write(page, onSent);
  const answering = (request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, {
      'Content-Type': 'text/html',
      'X-Condition': `${request.headers['if-none-match']}`,
    });
    response.write(page);
    setImmediate(() => response.end(page));
  };

  test('gets it signed, whatever stands behind the handshake, and with no condition that nobody has looked at', async () => {
    site = await startProxied(answering);
    const raw = await exchange(
      site.port,
      `${handshake.replace('Host', 'If-None-Match: "a"\r\nHost')}GET /behind HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    const { status, text, header, isComplete } = parse(raw);
    expect({ status, isComplete }).toEqual({ status: 200, isComplete: true });
    expect([withoutTokens(text), countTokens(text)]).toEqual([page + page, 2]);
    expect(header('connection')).toBe('close');
    expect(header('x-condition')).toBe('undefined');
  });

  test('is logged, and asked about', async () => {
    const paths: string[] = [];
    site = await startProxied(answering, {
      log: ({ path, status }) => paths.push(`${path} ${status}`),
      viewer: () => 'nobody',
      imageSigner: {
        ...base,
        authorize: (_image: unknown, request: { viewer?: unknown }) => request.viewer === 'me',
      },
    });
    const { text, header } = parse(await exchange(site.port, handshake));
    expect(countTokens(text)).toBe(0);
    expect(header('cache-control')).toContain('private');
    expect(paths).toEqual(['/socket 200']);
  });

  test('is finished by a proxy that stops', async () => {
    let finish = (): void => {};
    site = await startProxied((_, response) => {
      begin(response);
      finish = () => response.end(page);
    });
    const client = site.open(handshake);
    const chunks = [((await once(client, 'data')) as [Buffer])[0]];
    const stopped = site.proxy.stop();
    finish();
    for await (const chunk of client) chunks.push(chunk as Buffer);
    expect(parse(Buffer.concat(chunks))).toMatchObject({ status: 200, isComplete: true });
    await stopped;
  });

  test('is cut off where the target breaks off', async () => {
    site = await startProxied((_, response) => void begin(response, () => response.destroy()));
    expect(parse(await exchange(site.port, handshake)).isComplete).toBe(false);
  });

  test('leaves nothing at the target if the client goes', async () => {
    const target = new EventEmitter();
    site = await startProxied((request, response) => {
      request.socket.on('close', () => target.emit('close'));
      begin(response);
    });
    const left = once(target, 'close');
    const client = site.open(handshake);
    await once(client, 'data');
    client.destroy();
    await left;
  });
});

test('a connection on which an upgrade is offered with each request warns of nothing', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  site = await startProxied((request, response) => response.end(request.url));
  const client = new WireReader(site.port, 'fast');
  let answers = 0;
  for (; answers < 30; answers++) {
    const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk';
    client.write(`GET /${answers} HTTP/1.1\r\nHost: a\r\n${upgrade}\r\n\r\n`);
    const answer = await client.read('GET');
    if (answer === undefined) break; // Node.js that asks whether to upgrade closes behind the first
    expect(answer.body.toString()).toBe(`/${answers}`);
  }
  client.close();
  await new Promise(setImmediate);
  process.off('warning', onWarning);
  expect(answers).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
});

test('nothing listens at the target: 502', async () => {
  site = await startProxyBeforeNothing();
  const { status, isComplete } = parse(await exchange(site.port, handshake));
  expect({ status, isComplete }).toEqual({ status: 502, isComplete: true });
  expect(site.failures).toEqual(['nothing listens at the target']);
});

test('a target that does not answer in time: 504', async () => {
  const server = createServer();
  server.on('upgrade', () => {});
  site = await startProxiedServer(server, { limits: { target: 50 } });
  expect(parse(await exchange(site.port, handshake)).status).toBe(504);
});

test('a request that comes back to the proxy is refused, and so is a target that is none', async () => {
  let via = '';
  site = await startProxied((request, response) => {
    via = String(request.headers.via);
    response.end();
  });
  await fetch(`http://127.0.0.1:${site.port}/`);
  const circle = handshake.replace('Host: a', `Host: a\r\nVia: ${via}`);
  expect(parse(await exchange(site.port, circle)).status).toBe(508);
  expect(parse(await exchange(site.port, handshake.replace('/socket', '*'))).status).toBe(400);
});

test.each([
  ['a handshake', handshake],
  ['a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
])(
  '%s behind a request without its answer closes the connection, and answers nothing before it',
  async (_, behind) => {
    site = await startProxied((request) => void request.socket.on('error', () => {}));
    const raw = await exchange(site.port, `GET /slow HTTP/1.1\r\nHost: a\r\n\r\n${behind}`);
    expect(raw.toString()).toBe('');
  },
);
