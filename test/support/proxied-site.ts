/** A site with the proxy of the command before it, both in this process, over real sockets. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createProxy, type ProxyOptions, type RunningProxy } from '../../src/tools/proxy/server.ts';
import { base } from './samples.ts';

export interface ProxiedSite {
  /** Of the proxy. */
  readonly port: number;
  readonly proxy: RunningProxy;
  readonly targetPort: number;
  readonly failures: string[];
  close(): Promise<void>;
}

type Given = Omit<Partial<ProxyOptions>, 'target'>;

/** @param target - a server, or where one would be */
async function startProxy(target: Server | number, options: Given, address?: URL): Promise<ProxiedSite> {
  const isServer = typeof target !== 'number';
  const sockets = new Set<Socket>();
  if (isServer) {
    target.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
  }
  const targetPort = isServer ? (target.address() as AddressInfo).port : target;
  const failures: string[] = [];
  const proxy = createProxy({
    target: address ?? new URL(`http://127.0.0.1:${targetPort}`),
    imageSigner: base,
    changesHost: false,
    trustsProxy: false,
    onFailure: (reason) => failures.push(reason),
    ...options,
  });
  const { port } = await proxy.listen(0, '127.0.0.1');
  return {
    port,
    proxy,
    targetPort,
    failures,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (isServer) target.close();
      await proxy.stop();
    },
  };
}

/** @param listener - the site */
export function startProxied(listener: RequestListener, options: Given = {}): Promise<ProxiedSite> {
  return startProxy(createServer(listener), options);
}

/** @param server - the site, which does not listen yet */
export function startProxiedServer(server: Server, options: Given = {}): Promise<ProxiedSite> {
  return startProxy(server, options);
}

/** @param onConnection - the site, which speaks HTTP by hand */
export function startProxiedRaw(
  onConnection: (socket: Socket) => void,
  options: Given = {},
): Promise<ProxiedSite> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {}); // the proxy has gone
    onConnection(socket);
  });
  return startProxy(server, options);
}

/** @param port - where nothing listens */
export function startProxyBefore(port: number, options: Given = {}): Promise<ProxiedSite> {
  return startProxy(port, options);
}

/** @param target - of a server that the test has started */
export function startProxyTo(target: URL, options: Given = {}): Promise<ProxiedSite> {
  return startProxy(Number(target.port), options, target);
}
