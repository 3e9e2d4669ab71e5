/** Where connections to the target go, which name they ask for in TLS, and what ends them. */
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { send } from '../../support/http/raw.ts';
import { moment } from '../../support/moment.ts';
import { base, url, withoutTokens } from '../../support/samples.ts';
import { type ProxiedSite, startProxiedRaw, startProxyTo } from '../../support/servers/proxied-site.ts';
import { onRequests } from '../../support/servers/raw-site.ts';

let site: ProxiedSite;
let server: { close(): unknown } | undefined;
afterEach(() => void server?.close());

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
    const heard = moment<string>();
    const target = createTcpServer((socket) => {
      socket.on('error', () => {}); // the proxy has gone
      socket.once('data', (data) => {
        heard.come(data.toString('latin1'));
        socket.destroy();
      });
    });
    const port = await listenOn(target, '127.0.0.1');
    site = await startProxyTo(new URL(`https://${host}:${port}`));
    void ask(site.port);
    return heard.comes;
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

describe('what a target sends beyond its answer ends the connection', () => {
  const answerWith = (text: string): string =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  const stray = answerWith('of nobody');
  /** The first request gets what the test says; any other one its own path. */
  const start = async (first: (socket: Socket) => void): Promise<EventEmitter> => {
    const target = new EventEmitter();
    site = await startProxiedRaw((socket) => {
      socket.on('close', () => target.emit('close'));
      onRequests(socket, ({ line }) => {
        if (line.includes('/first')) first(socket);
        else socket.write(answerWith(line.split(' ')[1]!));
      });
    });
    return target;
  };
  const expectOthers = async (): Promise<void> => {
    for (const path of ['/a', '/b']) expect((await send(site.port, path)).text).toBe(path);
  };

  test.each([
    ['another answer', stray],
    ['what is not HTTP', 'garbage'],
    ['a body that its status forbids', stray, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'],
  ])('with the answer: %s, and the answer is sent on', async (_, beyond, own = answerWith('mine')) => {
    const target = await start((socket) => socket.write(own + beyond));
    const closed = once(target, 'close');
    const { status, text } = await send(site.port, '/first');
    expect({ status, text }).toEqual(
      own.includes('304') ? { status: 304, text: '' } : { status: 200, text: 'mine' },
    );
    await closed;
    await expectOthers();
    expect(site.failures).toEqual([]);
  });

  test.each([
    ['another answer', stray],
    ['half of one', 'HTTP/1.1 2'],
    ['an empty line', '\r\n'],
  ])('while it waits for the next request: %s', async (_, beyond) => {
    let socket: Socket | undefined;
    const target = await start((each) => {
      socket = each;
      each.write(answerWith('mine'));
    });
    expect((await send(site.port, '/first')).text).toBe('mine');
    const closed = once(target, 'close');
    socket!.write(beyond);
    await closed;
    await expectOthers();
  });

  test('while the answer is complete, and waits for viewer', async () => {
    const page = `<img src="${url()}">`;
    const target = new EventEmitter();
    const found = moment();
    site = await startProxiedRaw(
      (socket) => {
        socket.on('close', () => target.emit('close'));
        onRequests(socket, () => {
          socket.write(answerWith(page).replace('OK', 'OK\r\nContent-Type: text/html'));
          target.once('asked', () => socket.write(stray));
        });
      },
      {
        // It is asked when the answer has come.
        viewer: () => {
          target.emit('asked');
          return found.comes;
        },
        imageSigner: { ...base, authorize: () => true },
      },
    );
    const visit = send(site.port, '/');
    await once(target, 'close');
    found.come();
    const { text, isComplete } = await visit;
    expect({ text: withoutTokens(text), isComplete }).toEqual({ text: page, isComplete: true });
  });
});
