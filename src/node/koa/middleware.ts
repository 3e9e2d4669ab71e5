/** `imageSigner`, `imageGuard` and `signingEndpoint` as Koa middleware. Only the entry point uses Koa's own types. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Endpoint } from '../../endpoint/endpoint.ts';
import { isRefusal } from '../../guard/request-guard.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { onHeaders } from '../http/write-head.ts';
import type { Adapter } from '../middleware/adapter.ts';
import { readBody } from '../middleware/endpoint.ts';
import { isWeb, signHeldBody } from '../middleware/framework-body.ts';
import { createNodeGuard } from '../middleware/guard.ts';
import { createInstall } from '../middleware/install.ts';
import { attachHelpers } from '../middleware/middleware.ts';
import { responseStateOf } from '../middleware/response-state.ts';
import { setHeaders } from '../middleware/send.ts';
import type { Renderer, Views } from '../middleware/view-data.ts';

/** The parts of a Koa 2 or 3 context that we use: an app brings its own version of Koa's types. */
interface KoaContext extends Renderer {
  readonly app: object;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly originalUrl: string;
  /** Without the mount path, which `koa-mount` removes. */
  readonly url: string;
  readonly headerSent: boolean;
  state: Record<string, unknown>;
  status: number;
  body: unknown;
  /** `false` if the app answers on `res` itself. */
  respond?: boolean;
  readonly response: object;
  /** `body` is there if a body parser has run. */
  readonly request: { readonly body?: unknown };
}

type KoaNext = () => Promise<unknown>;

/** For `calledByAnother`. */
const koa = ['image-signer/koa', 'a Koa context and next'] as const;

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
    const { req, res, url: target, originalUrl: originalTarget, request } = context;
    const { method = '', headers } = req;
    const body = () => readBody(req, request.body);
    const result = await endpoint.respond({ method, target, originalTarget, headers, body }, context);
    if (result === undefined) return void (await next());
    if (result === 'aborted' || context.headerSent) {
      context.respond = false; // the client is gone, or has another answer
      return;
    }
    setHeaders(new ResponseFields(res, res.setHeader), result, req);
    // Outer middleware may still set its own freshness headers.
    onHeaders(res, (_status, fields) => forbidStorage(fields));
    context.status = result.status;
    context.body = result.status === 204 ? null : result.body;
  }
  return signingEndpointMiddleware;
}

/**
 * Signs the body that inner middleware has set, and replaces it by Koa's own setter. A body that is set later, or written to
 * `ctx.res`, is signed when it is sent.
 */
function signBody(context: KoaContext): void {
  const { body, res } = context;
  const state = responseStateOf(res);
  const isElsewhere = context.respond === false || context.headerSent || body === null || body === undefined;
  // Koa 2, whose responses lack `back`, knows no web bodies, and sends them as JSON.
  if (isWeb(body) && !('back' in context.response)) return;
  // With two middlewares, the inner one has already signed the body.
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
    // If a source fails, Koa 2 leaves the connection open, and the client waits for the rest of the page.
    onBroken() {
      if (!res.writableEnded) res.destroy(); // ended: Koa has sent an error page
    },
  });
  // For HEAD, outer middleware would serialize a web body as JSON, and derive length and tag from that.
  const isUnsent = signed === body && isWeb(body) && typeof state.placed?.decision === 'object';
  placed = isUnsent ? Readable.from([], { objectMode: false }) : signed;
  if (!Object.is(placed, body)) setBody(context, placed);
  // A cache around us stores the headers together with the new body.
  if (typeof state.placed?.decision === 'object') state.policy.onHeadersEarly(fields);
}

/** Sets the body, and restores the type and length that Koa's setter changes; it leaves a status that a body has had. */
function setBody(context: KoaContext, body: unknown): void {
  const { res } = context;
  const [type, length] = [res.getHeader('Content-Type'), res.getHeader('Content-Length')];
  const before = body instanceof Readable ? body.listeners('error') : [];
  context.body = body;
  if (type !== undefined) res.setHeader('Content-Type', type);
  if (length === undefined) res.removeHeader('Content-Length');
  if (!(body instanceof Readable)) return;
  // Koa listens for errors on every stream body. The source already has that listener: with a second one, the app would receive the
  // same error twice.
  for (const each of body.listeners('error'))
    if (!before.includes(each)) body.removeListener('error', each as () => void).on('error', () => {});
}

/** Puts the helpers on the context. */
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
    // `app.context`, which Koa documents for extension: https://koajs.com/#app-context
    const isShared = prototype === Reflect.get(viewer.app, 'context') && Object.isExtensible(prototype);
    attachHelpers(viewer, isShared ? prototype : undefined, response);
  }

  views(): Views {
    return { shared: this.viewer.state, renderer: this.viewer, methods: ['render'] };
  }
}
