/** `app.use(imageSigner(options))` of Express, Connect and bare `node:http`: the middleware itself. */
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { expressPrototypeOf } from '../http/hooks.ts';
import { IncomingMessage, type ServerResponse } from '../http/node-http.ts';
import type { Adapter } from './adapter.ts';
import { createInstall } from './install.ts';
import { responseStateOf } from './response-state.ts';
import { whenReady } from './send.ts';
import type { Renderer, Views } from './view-data.ts';

export type Next = (error?: unknown) => void;

/** @throws ImageSignerError INVALID_OPTION */
export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const install = createInstall(options, (request) => earlierRoute(request, imageSignerMiddleware));
  function imageSignerMiddleware(request: IncomingMessage, response: ServerResponse, next: Next): void {
    if (typeof next !== 'function' || typeof (Object(response) as ServerResponse).writeHead !== 'function')
      throw calledByAnother('imageSigner', 'image-signer', 'a request, a response and next', request);
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

/** An Express 5 app. In Express 4 `app.router` throws, and no public property lists the routes. */
interface App {
  readonly router?: { readonly stack?: unknown };
}

/**
 * Finds an Express route that is defined before the middleware, so that its pages are not signed. It reads the stack of
 * `app.router`, and finds nothing except in Express 5.
 * @param middleware - the function that the app has installed
 * @returns `'GET /gallery'`; undefined without such a route
 */
function earlierRoute(request: IncomingMessage, middleware: unknown): string | undefined {
  try {
    const { app } = request as { readonly app?: App };
    const stack = app?.router?.stack;
    if (!Array.isArray(stack)) return undefined;
    const layers = stack as readonly Layer[];
    const at = layers.findIndex(({ handle }) => handle === middleware);
    const route = layers.slice(0, Math.max(0, at)).find((layer) => layer.route !== undefined)?.route;
    if (route === undefined) return undefined;
    const method = Object.keys(route.methods ?? {}).find((each) => !each.startsWith('_')) ?? 'all';
    const isPlain = typeof route.path === 'string' && /^[!-~]{1,100}$/.test(route.path);
    return `${method.toUpperCase()} ${isPlain ? route.path : '…'}`;
  } catch {
    return undefined; // an app of another kind
  }
}

/** Connect and bare `node:http` have neither `locals` nor `render`. */
export interface ExpressResponse extends ServerResponse, Renderer {
  locals?: Record<string, unknown>;
}

/** Express and Connect remove a mount path from `url`, and keep the whole target in `originalUrl`. */
type ExpressRequest = IncomingMessage & {
  readonly originalUrl?: string;
  readonly res?: ServerResponse;
};

/** Puts the helpers on the request; `res.render` renders views. */
class ExpressAdapter implements Adapter {
  readonly viewer: ExpressRequest;
  readonly #response: ExpressResponse;

  constructor(request: ExpressRequest, response: ExpressResponse) {
    this.viewer = request;
    this.#response = response;
  }

  get skipArguments(): readonly unknown[] {
    return [this.viewer, this.#response];
  }

  get source(): EventSource {
    const { method, originalUrl, url } = this.viewer;
    return { method, target: originalUrl ?? url };
  }

  /** In Express the helpers are getters of `express.request`, declared once for all requests. */
  attach(response: { readonly helpers: RequestHelpers }): void {
    const { viewer } = this;
    const isOfExpress = viewer.res !== undefined;
    const shared = isOfExpress ? expressPrototypeOf(viewer, IncomingMessage.prototype) : undefined;
    attachHelpers(viewer, shared, response);
  }

  views(): Views {
    return { shared: this.#response.locals, renderer: this.#response, methods: ['render'] };
  }
}

const names = ['signImage', 'signSrcset', 'signData'] as const;
/** The prototypes that already have the getters. */
const declared: WeakSet<object> = new WeakSet();
const own: PropertyDescriptor = { writable: true, configurable: true, enumerable: true };

/**
 * Gives the helpers to a request or a context.
 * @param shared - its prototype, if the framework lets apps extend it: getters there cost nothing where no helper is used
 */
export function attachHelpers(
  viewer: object,
  shared: object | undefined,
  response: { readonly helpers: RequestHelpers },
): void {
  if (shared !== undefined && (declared.has(shared) || declareHelpers(shared))) return;
  for (const name of names) Object.defineProperty(viewer, name, { ...own, value: response.helpers[name] });
}

/** @returns false if the app already uses one of these names there */
function declareHelpers(shared: object): boolean {
  if (names.some((name) => name in shared)) return false;
  declared.add(shared);
  for (const name of names) {
    Object.defineProperty(shared, name, {
      configurable: true,
      get(this: { readonly res?: ServerResponse }) {
        return this.res && responseStateOf(this.res)?.helpers[name]; // a prototype itself has no response
      },
      // Assigning to an inherited property creates an own one; an accessor must do that itself.
      set(value: unknown) {
        Object.defineProperty(this, name, { ...own, value });
      },
    });
  }
  return true;
}
