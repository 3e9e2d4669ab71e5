/** One behaviour, many servers: each driver mounts the same middleware and the same handler in its framework's way. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import type { Middleware } from '../../../src/index.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Middleware at a path; all of it at `/` if no path is given. */
export type Mount = Middleware | readonly [path: string, ...middleware: Middleware[]];

export interface Framework {
  readonly name: string;
  /** Whether the framework has views, `res.locals` and `res.send`. */
  readonly isExpress: boolean;
  build(mounts: readonly Mount[], handler: Handler): RequestListener;
}

interface MountingApp {
  use(path: string, handler: Middleware): unknown;
}

function mount<App extends MountingApp>(app: App, mounts: readonly Mount[], handler: Handler): App {
  for (const each of mounts) {
    const [path, ...middleware] = typeof each === 'function' ? (['/', each] as const) : each;
    for (const one of middleware) app.use(path, one);
  }
  app.use('/', (request, response) => handler(request, response));
  return app;
}

const all: readonly Framework[] = [
  {
    name: 'node:http',
    isExpress: false,
    build: (mounts, handler) => (request, response) => {
      const url = request.url ?? '';
      const flat = mounts.flatMap((each) =>
        typeof each === 'function'
          ? [['/', each] as const]
          : each.slice(1).map((one) => [each[0], one as Middleware] as const),
      );
      const run = (index: number): void => {
        const [path, middleware] = flat[index] ?? [];
        if (middleware === undefined) handler(request, response);
        // Nothing takes a mount's path off here.
        else if (path === '/' || url.startsWith(path!)) middleware(request, response, () => run(index + 1));
        else run(index + 1);
      };
      run(0);
    },
  },
  { name: 'Connect', isExpress: false, build: (mounts, handler) => mount(connect(), mounts, handler) },
  {
    name: 'Express 4',
    isExpress: true,
    build: (mounts, handler) => mount(express4() as MountingApp & RequestListener, mounts, handler),
  },
  {
    name: 'Express 5',
    isExpress: true,
    build: (mounts, handler) => mount(express() as MountingApp & RequestListener, mounts, handler),
  },
];
/** The first is `node:http`, and the last Express 5. */
export const frameworks: readonly Framework[] = all;

export interface Site {
  readonly port: number;
  close(): Promise<void>;
}

export async function serve(listener: RequestListener, options: ServerOptions = {}): Promise<Site> {
  const server: Server = createServer(options, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves for the time of one test. */
export async function withSite<T>(listener: RequestListener, run: (port: number) => Promise<T>): Promise<T> {
  const site = await serve(listener);
  try {
    return await run(site.port);
  } finally {
    await site.close();
  }
}
