/** How the proxy stops: what is under way is finished, and what has no end is ended. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { parse } from '../../support/http/raw.ts';
import { WireReader } from '../../support/http/wire-reader.ts';
import { moment } from '../../support/moment.ts';
import {
  get,
  type ProxiedSite,
  type ProxySettings,
  startProxied,
  startProxiedServer,
  startProxyBeforeNothing,
} from '../../support/servers/proxied-site.ts';

let site: ProxiedSite;
afterEach(() => vi.useRealTimers());

/** Asks a site that does not answer yet. */
async function askWaitingSite(
  request: string,
  options?: ProxySettings,
): Promise<{ readonly client: Socket; readonly response: ServerResponse }> {
  const asked = moment<ServerResponse>();
  site = await startProxied((_, response) => asked.come(response), options);
  const client = site.open(request);
  return { client, response: await asked.comes };
}

async function textOf(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}

/** A site of events without end, and of WebSockets. */
async function startEndless(): Promise<void> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
  });
  new WebSocketServer({ server }).on('connection', (each) => each.send('hello'));
  site = await startProxiedServer(server);
}

/** Opens both. @returns their end */
async function openEndless(): Promise<Promise<unknown>[]> {
  const events = site.open();
  await once(events, 'data');
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/`).on('error', () => {});
  await once(socket, 'message');
  return [once(events.resume(), 'close'), once(socket, 'close')];
}

test('a request under way gets its answer, and no other one comes in', async () => {
  const { client, response } = await askWaitingSite(get);
  const stopped = site.proxy.stop();
  await expect(site.ask('/')).rejects.toThrow('ECONNREFUSED');
  response.end('done');
  const { status, text, header } = parse(Buffer.from(await textOf(client)));
  expect({ status, text }).toEqual({ status: 200, text: 'done' });
  expect(header('connection')).toBe('close');
  await stopped;
});

test('a connection on which nothing has come is not waited for', async () => {
  site = await startProxied((_, response) => void response.end('ok'));
  const silent = connect(site.port, '127.0.0.1');
  await once(silent, 'connect');
  expect((await site.ask('/')).text).toBe('ok'); // the server has taken the first one, too
  await Promise.all([site.proxy.stop(), once(silent.resume(), 'close')]);
});

test('an answer whose head is out already is finished, and its connection closed', async () => {
  const { client, response } = await askWaitingSite(get);
  response.writeHead(200, { 'Content-Length': 8 });
  response.write('half');
  const [begin] = (await once(client, 'data')) as [Buffer];
  expect(begin.toString()).toMatch(/keep-alive/);
  const stopped = site.proxy.stop();
  response.end('half');
  expect(await textOf(client)).toMatch(/half$/);
  await stopped;
});

test('a load balancer sees 503 before the port closes, on open connections and on new ones', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  site = await startProxied((_, response) => response.end('ok'), { healthPath: '/healthz' });
  const check = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';
  const [open, idle] = [new WireReader(site.port, 'fast'), new WireReader(site.port, 'fast')];
  open.write(check);
  idle.write(check);
  for (const each of [open, idle]) expect((await each.read('GET'))?.status).toBe(200);
  const stopped = site.proxy.stop(5_000);
  vi.advanceTimersByTime(4_999);
  open.write(check);
  const seen = await open.read('GET');
  expect([seen?.status, seen?.header('connection')]).toEqual([503, 'close']);
  expect((await site.ask('/healthz')).status).toBe(503);
  const visitor = await site.ask('/');
  expect([visitor.text, visitor.header('connection')]).toEqual(['ok', 'close']);
  expect(idle.isClosed).toBe(false);
  vi.advanceTimersByTime(1);
  await stopped;
  await expect(site.ask('/healthz')).rejects.toThrow('ECONNREFUSED');
  expect(await idle.read('GET')).toBeUndefined();
});

test('events and WebSockets are ended when the port closes, and go on until then', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await startEndless();
  const stopped = site.proxy.stop(5_000);
  const ended = await openEndless();
  vi.advanceTimersByTime(5_000);
  await Promise.all([stopped, ...ended]);
});

test('an upload whose answer was out before is read to its end, and its connection closed', async () => {
  site = await startProxyBeforeNothing();
  const upload = new WireReader(site.port, 'fast');
  upload.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nha');
  expect((await upload.read('POST'))?.status).toBe(502);
  const stopped = site.proxy.stop();
  upload.write('lf');
  await stopped;
});

test('the health check says so to a request behind another one', async () => {
  const behind = `${get}GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n`;
  const { client, response } = await askWaitingSite(behind, { healthPath: '/healthz' });
  const up = await site.ask('/healthz?x');
  expect({ status: up.status, text: up.text }).toEqual({ status: 200, text: 'ok\n' });
  expect(up.header('cache-control')).toBe('no-store');
  const stopped = site.proxy.stop();
  response.setHeader('Connection', 'keep-alive');
  response.end('first');
  const text = await textOf(client);
  expect(text).toMatch(/first/);
  // That first answer was the last one on its connection, or the check says that it stops.
  if (text.split('HTTP/1.1').length > 2) expect(text).toMatch(/HTTP\/1\.1 503 .*stopping\n$/s);
  await stopped;
});

test('events and WebSockets are ended: they would go on for ever', async () => {
  await startEndless();
  const ended = await openEndless();
  await site.proxy.stop();
  await Promise.all(ended);
});

test('what takes too long is cut off', async () => {
  const { client } = await askWaitingSite(get, { limits: { stop: 20 } });
  const closed = once(client.resume(), 'close');
  await site.proxy.stop();
  await closed;
});

test.each([
  ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a WebSocket', 'GET ftp://a/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  [
    'a WebSocket that the site does not take',
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
])('a client that was refused %s, and stays, keeps nothing open', async (_, request) => {
  site = await startProxied((_, response) => response.end('no'));
  const client = connect({ port: site.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
    client.write(request),
  );
  client.on('error', () => {}); // it is cut off
  await once(client.resume(), 'end');
  await site.proxy.stop();
  client.destroy();
});
