/** `app.use(imageSigner(options))` of Express, Connect and bare `node:http`: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/reporter.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { expressResponseOf, localsOf, writeHeadOf } from '../http/message-property.ts';
import { insertPrototype } from '../http/replaced-methods.ts';
import type { Adapter, RequestHelpers } from './adapter.ts';
import { hookSend } from './express-send.ts';
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
    if (typeof next !== 'function' || typeof writeHeadOf(Object(response) as ServerResponse) !== 'function')
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

/** Connect and bare `node:http` have neither `locals` nor `render`. */
export interface ExpressResponse extends ServerResponse, Renderer {
  locals?: Record<string, unknown>;
}

/** Express and Connect remove a mount path from `url`, and keep the whole target here. */
type ExpressRequest = IncomingMessage & { readonly originalUrl?: string };

/** The helpers are the request's, and views are rendered by `res.render`. */
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

  attach(helpers: RequestHelpers): void {
    attachHelpers(this.viewer, this.#response, helpers);
  }

  views(): Views {
    return { shared: localsOf(this.#response), renderer: this.#response, methods: ['render'] };
  }

  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy {
    return new ResponsePolicy(target, instance);
  }
}

const names = ['signImage', 'signSrcset', 'signData'] as const;

/** Marks the prototype that gives the helpers to all requests of Express. */
const helpersSymbol: unique symbol = Symbol('image-signer.helpers');

type Request = IncomingMessage & {
  /** Set by Express. */
  readonly res?: ServerResponse;
  readonly [helpersSymbol]?: true;
};

/**
 * Sets `req.signImage`, `req.signSrcset` and `req.signData`. In Express all requests inherit them, so that a request that
 * uses none does not pay for them. Everywhere else they are properties of the request itself.
 */
function attachHelpers(request: Request, response: ServerResponse, helpers: RequestHelpers): void {
  // The prototype is one object for all requests, which V8 looks up at once.
  const { [helpersSymbol]: hasHelpers } = Object.getPrototypeOf(request) as Request;
  const isExpress = expressResponseOf(request) === response;
  const isFirst = isExpress && !hasHelpers && insertPrototype(request, 'request', createPrototype);
  if (isFirst) hookSend(response, responseStateOf);
  const isInherited = isExpress && (hasHelpers || isFirst);
  if (!isInherited) for (const name of names) setOwn(request, name, helpers[name]);
}

function createPrototype(below: object): object {
  const prototype: object = Object.create(below, { [helpersSymbol]: { value: true } });
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Request) {
        const response = expressResponseOf(this);
        return response === undefined ? undefined : responseStateOf(response)?.[name];
      },
      // Assigning to an inherited property makes an own one; an accessor has to do that itself.
      set(this: Request, value: unknown) {
        setOwn(this, name, value);
      },
    });
  }
  return prototype;
}

function setOwn(request: Request, name: string, value: unknown): void {
  Object.defineProperty(request, name, { value, writable: true, configurable: true, enumerable: true });
}
