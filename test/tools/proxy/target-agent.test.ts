/** Where connections to the target go, and which name they ask for in TLS. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { type ProxiedSite, startProxyTo } from '../../support/proxied-site.ts';
import { send } from '../../support/raw.ts';

let site: ProxiedSite | undefined;
let server: { close(): unknown } | undefined;
afterEach(async () => {
  await site?.close();
  server?.close();
  site = undefined;
});

async function listenOn(target: Server | ReturnType<typeof createTcpServer>, host: string): Promise<number> {
  server = target;
  target.listen(0, host);
  await once(target, 'listening');
  return (target.address() as AddressInfo).port;
}

test('a target with an IPv6 address is asked, for pages and for WebSockets', async () => {
  const target = createServer((_, response) => response.end('ok'));
  new WebSocketServer({ server: target }).on('connection', (socket) => socket.send('hello'));
  const port = await listenOn(target, '::1');
  site = await startProxyTo(new URL(`http://[::1]:${port}`));
  expect(await send(site.port, '/')).toMatchObject({ status: 200, text: 'ok' });
  const socket = new WebSocket(`ws://127.0.0.1:${site.port}/`);
  expect(String((await once(socket, 'message'))[0])).toBe('hello');
  const closed = once(socket, 'close');
  socket.close();
  await closed;
});

describe('in TLS', () => {
  /** What the target hears first, which holds the name in plain text (RFC 6066, 3). */
  const hello = async (host: string, ask: (port: number) => unknown): Promise<string> => {
    let hear = (_text: string): void => {};
    const heard = new Promise<string>((resolve) => {
      hear = resolve;
    });
    const target = createTcpServer((socket) => {
      socket.on('error', () => {}); // the proxy has gone
      socket.once('data', (data) => {
        hear(data.toString('latin1'));
        socket.destroy();
      });
    });
    const port = await listenOn(target, '127.0.0.1');
    site = await startProxyTo(new URL(`https://${host}:${port}`));
    void ask(site.port);
    return heard;
  };
  const asking = [
    ['a page', (port: number) => send(port, '/', { headers: { host: 'visitor.example' } })],
    [
      'a WebSocket',
      (port: number) =>
        new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { Host: 'visitor.example' } }).on(
          'error',
          () => {},
        ),
    ],
  ] as const;

  test.each(asking)(
    '%s is asked of the name of the target, whatever host the visitor names',
    async (_, ask) => {
      const text = await hello('localhost', ask);
      expect(text).toContain('localhost');
      expect(text).not.toContain('visitor.example');
    },
  );

  test.each(asking)('%s is asked of no name if the target is an address', async (_, ask) => {
    expect(await hello('127.0.0.1', ask)).not.toContain('visitor.example');
  });
});
