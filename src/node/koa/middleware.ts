/** `imageSigner`, `imageGuard` and `signingEndpoint` as middleware of Koa. Koa's own types are left to the entry point. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Endpoint } from '../../endpoint/endpoint.ts';
import { isRefusal } from '../../guard/request-guard.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { isHttp2, onHeaders } from '../http/write-head.ts';
import type { Adapter } from '../middleware/adapter.ts';
import { readBody } from '../middleware/endpoint.ts';
import { isWeb, signHeldBody } from '../middleware/framework-body.ts';
import { createNodeGuard } from '../middleware/guard.ts';
import { createInstall } from '../middleware/install.ts';
import { responseStateOf } from '../middleware/response-state.ts';
import { setHeaders } from '../middleware/send.ts';
import type { Renderer, Views } from '../middleware/view-data.ts';

/** The parts of a Koa 2 or 3 context that are used here: an app brings its own version of Koa's types. */
interface KoaContext extends Renderer {
  readonly app: object;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly originalUrl: string;
  /** Without the mount path, which `koa-mount` takes off. */
  readonly url: string;
  readonly headerSent: boolean;
  state: Record<string, unknown>;
  status: number;
  body: unknown;
  /** `false` if the app answers on `res` itself. */
  respond?: boolean;
  /** `body` is there if a body parser has run. */
  readonly request: { readonly body?: unknown };
}

type KoaNext = () => Promise<unknown>;

/** For `calledByAnother`. */
const koa = ['image-signer/koa', 'a context of Koa and next'] as const;

function isKoaCall(context: KoaContext, next: KoaNext): boolean {
  return typeof next === 'function' && context.app !== undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaMiddleware(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const install = createInstall(options);
  async function imageSignerMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('imageSigner', ...koa, context);
    const pending = install.ready();
    if (pending !== undefined) await pending;
    install(context.req, context.res, () => new KoaAdapter(context));
    await next();
    signBody(context);
  }
  return imageSignerMiddleware;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaGuard(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const guard = createNodeGuard(options);
  async function imageGuardMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('imageGuard', ...koa, context);
    const pending = guard.ready();
    if (pending !== undefined) await pending;
    const decision = guard.check(context.originalUrl, context.res);
    if (isRefusal(decision)) {
      context.status = decision.status;
      context.body = decision.body;
      return;
    }
    if (decision !== undefined) context.state['signedImage'] = decision;
    await next();
  }
  return imageGuardMiddleware;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaEndpoint(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const endpoint = new Endpoint(options);
  async function signingEndpointMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('signingEndpoint', ...koa, context);
    const { req, res, url, originalUrl, request } = context;
    const { method = '', headers } = req;
    const body = () => readBody(req, request.body);
    const result = await endpoint.respond(
      { method, target: url, originalTarget: originalUrl, headers, body },
      context,
    );
    if (result === undefined) return void (await next());
    if (result === 'aborted' || context.headerSent) {
      context.respond = false; // the client is gone, or has got another answer
      return;
    }
    setHeaders(new ResponseFields(res, res.setHeader), result, req);
    // Outer middleware may still set freshness headers of its own.
    onHeaders(res, (_status, fields) => forbidStorage(fields));
    context.status = result.status;
    context.body = result.status === 204 ? null : result.body;
  }
  return signingEndpointMiddleware;
}

/**
 * Signs the body that the inner middleware have set, by Koa's own setter. One that is set later, or written to `ctx.res` itself,
 * is signed as it goes out.
 */
function signBody(context: KoaContext): void {
  const { body, res } = context;
  const state = responseStateOf(res);
  const isElsewhere = context.respond === false || context.headerSent || body === null || body === undefined;
  // The innermost of two is the first to see the body.
  if (isElsewhere || state?.outgoing === undefined || state.placed?.decision !== undefined) return;
  const { fields } = state.outgoing;
  let placed: unknown;
  const signed = signHeldBody(state, {
    body,
    status: context.status,
    fields,
    // An outer middleware may have compressed it.
    holds: (_signed, _status, sent) =>
      Object.is(context.body, placed) || sent.get('Content-Encoding') !== undefined,
    // Koa 2 leaves the connection open if a source fails, and the client waits for the rest of the page.
    onBroken() {
      if (!res.writableEnded) res.destroy(); // ended: Koa has sent an error page
    },
  });
  // For HEAD, middleware above would take a body of the web for JSON, and make a length and a tag of that.
  const isUnsent = signed === body && isWeb(body) && typeof state.placed?.decision === 'object';
  placed = isUnsent ? Readable.from([], { objectMode: false }) : signed;
  if (!Object.is(placed, body)) setBody(context, placed);
  // A cache around us keeps the headers together with the new body.
  if (typeof state.placed?.decision === 'object') state.policy.onHeadersEarly(fields);
}

/** Koa's setter changes an implicit status, the type of an object, and the length. */
function setBody(context: KoaContext, body: unknown): void {
  const { res } = context;
  const { statusCode } = res;
  const statusMessage = isHttp2(res) ? undefined : res.statusMessage;
  const [type, length] = [res.getHeader('Content-Type'), res.getHeader('Content-Length')];
  const before = body instanceof Readable ? body.listeners('error') : [];
  context.body = body;
  res.statusCode = statusCode;
  if (statusMessage !== undefined) res.statusMessage = statusMessage;
  if (type !== undefined) res.setHeader('Content-Type', type);
  if (length === undefined) res.removeHeader('Content-Length');
  if (!(body instanceof Readable)) return;
  // Koa listens for errors on each stream that is set as a body. The source has that listener already: a second one would report
  // one failure to the app twice.
  for (const each of body.listeners('error'))
    if (!before.includes(each)) body.removeListener('error', each as () => void).on('error', () => {});
}

/** What Koa adds to `node:http`: the helpers are the context's. */
class KoaAdapter implements Adapter {
  readonly viewer: KoaContext;
  readonly skipArguments: readonly unknown[];

  constructor(context: KoaContext) {
    this.viewer = context;
    this.skipArguments = [context];
  }

  get source(): EventSource {
    const { method, originalUrl: target } = this.viewer;
    return { method, target };
  }

  attach(response: { readonly helpers: RequestHelpers }): void {
    const { viewer } = this;
    const prototype = Object.getPrototypeOf(viewer) as object;
    if (helpersSymbol in prototype || declareHelpers(prototype, viewer.app)) return;
    for (const name of names) setOwn(viewer, name, response.helpers[name]);
  }

  views(): Views {
    return { shared: this.viewer.state, renderer: this.viewer, methods: ['render'] };
  }
}

const names = ['signImage', 'signSrcset', 'signData'] as const;

/** Marks a prototype that gives the helpers to all contexts of an app. */
const helpersSymbol: unique symbol = Symbol('image-signer.helpers');

/**
 * Declares the helpers on `app.context`, which Koa has apps extend: a context that uses none does not pay for them.
 * @returns false if the app has others of these names there, or makes its contexts in another way
 * @see https://koajs.com/#app-context
 */
function declareHelpers(prototype: object, app: object): boolean {
  if (prototype !== Reflect.get(app, 'context') || !Object.isExtensible(prototype)) return false;
  if (names.some((name) => name in prototype)) return false;
  Object.defineProperty(prototype, helpersSymbol, { value: true });
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: KoaContext) {
        return this.res && responseStateOf(this.res)?.helpers[name]; // the prototype itself has no response
      },
      // Assigning to an inherited property makes an own one; an accessor has to do that itself.
      set(this: KoaContext, value: unknown) {
        setOwn(this, name, value);
      },
    });
  }
  return true;
}

function setOwn(context: KoaContext, name: string, value: unknown): void {
  Object.defineProperty(context, name, { value, writable: true, configurable: true, enumerable: true });
}
