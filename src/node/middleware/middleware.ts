/** `app.use(imageSigner(options))` over `node:http`: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from './express-adapter.ts';
import { createInstall } from './install.ts';
import { whenReady } from './readiness.ts';

export type Next = (error?: unknown) => void;

/** @throws ImageSignerError INVALID_OPTION */
export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const install = createInstall(options, (request) => earlierRoute(request, imageSignerMiddleware));
  function imageSignerMiddleware(request: IncomingMessage, response: ServerResponse, next: Next): void {
    const run = (): void => {
      install(request, response, () => new ExpressAdapter(request, response));
      next();
    };
    whenReady(install.ready(), run, next, request, response);
  }
  return imageSignerMiddleware;
}

interface Layer {
  readonly handle?: unknown;
  readonly route?: { readonly path?: unknown; readonly methods?: Readonly<Record<string, boolean>> };
}

/** In Express 5 `app.router`; in Express 4 `app._router`, where `app.router` throws. */
interface App {
  readonly _router?: { readonly stack?: unknown };
  readonly router?: { readonly stack?: unknown };
}

/**
 * Finds a route of Express that stands before the middleware, whose pages are not signed. It reads the router's stack, which
 * Express 4 and 5 have as a property; elsewhere it finds nothing.
 * @param middleware - the function that the app has installed
 * @returns `'GET /gallery'`; undefined if there is none
 */
function earlierRoute(request: IncomingMessage, middleware: unknown): string | undefined {
  try {
    const { app } = request as { readonly app?: App };
    const stack = (app?._router ?? app?.router)?.stack;
    if (!Array.isArray(stack)) return undefined;
    const layers = stack as readonly Layer[];
    const earlier = layers.slice(
      0,
      Math.max(
        0,
        layers.findIndex(({ handle }) => handle === middleware),
      ),
    );
    const route = earlier.find((layer) => layer.route !== undefined)?.route;
    if (route === undefined) return undefined;
    const [method = 'all'] = Object.keys(route.methods ?? {});
    const isPlain = typeof route.path === 'string' && /^[!-~]{1,100}$/.test(route.path);
    return `${method === '_all' ? 'ALL' : method.toUpperCase()} ${isPlain ? route.path : '…'}`;
  } catch {
    return undefined; // an app of another kind
  }
}
