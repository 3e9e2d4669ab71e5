/** A site with the proxy of the command before it, both in this process, over real sockets, until the test is over. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { onTestFinished } from 'vitest';
import { createProxy, type ProxyOptions, type RunningProxy } from '../../../src/tools/proxy/server.ts';
import { type RawRequest, type RawResponse, send } from '../http/raw.ts';
import { base } from '../samples.ts';

export interface ProxiedSite {
  /** Of the proxy. */
  readonly port: number;
  readonly proxy: RunningProxy;
  readonly targetPort: number;
  readonly failures: string[];
  ask(target: string, request?: RawRequest): Promise<RawResponse>;
  /** A client that sends this, and then what the test says; the proxy may cut it off. */
  open(text?: string): Socket;
  close(): Promise<void>;
}

export type ProxySettings = Omit<Partial<ProxyOptions>, 'target'>;

export const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

/** @param target - a server, or where one would be */
async function startProxy(target: Server | URL, options: ProxySettings): Promise<ProxiedSite> {
  const sockets = new Set<Socket>();
  if (!(target instanceof URL)) {
    target.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
  }
  const address =
    target instanceof URL ? target : new URL(`http://127.0.0.1:${(target.address() as AddressInfo).port}`);
  const failures: string[] = [];
  const proxy = createProxy({
    target: address,
    imageSigner: base,
    changesHost: false,
    trustsProxy: false,
    onFailure: (reason) => failures.push(reason),
    ...options,
  });
  const { port } = await proxy.listen(0, '127.0.0.1');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!(target instanceof URL)) target.close();
    await proxy.stop();
  };
  onTestFinished(close);
  return {
    port,
    proxy,
    targetPort: Number(address.port),
    failures,
    ask: (path, request) => send(port, path, request),
    open(text = get) {
      const client = connect(port, '127.0.0.1').on('error', () => {});
      client.write(text);
      return client;
    },
    close,
  };
}

/** @param listener - the site */
export function startProxied(listener: RequestListener, options: ProxySettings = {}): Promise<ProxiedSite> {
  return startProxy(createServer(listener), options);
}

/** @param server - the site, which does not listen yet */
export function startProxiedServer(server: Server, options: ProxySettings = {}): Promise<ProxiedSite> {
  return startProxy(server, options);
}

/** @param onConnection - the site, which speaks HTTP by hand */
export function startProxiedRaw(
  onConnection: (socket: Socket) => void,
  options: ProxySettings = {},
): Promise<ProxiedSite> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {}); // the proxy has gone
    onConnection(socket);
  });
  return startProxy(server, options);
}

/** Before a port where nothing listens, and that no server of a test is given. */
export function startProxyBeforeNothing(options: ProxySettings = {}): Promise<ProxiedSite> {
  return startProxy(new URL('http://127.0.0.1:1'), options);
}

/** @param target - of a server that the test has started */
export function startProxyTo(target: URL, options: ProxySettings = {}): Promise<ProxiedSite> {
  return startProxy(target, options);
}
