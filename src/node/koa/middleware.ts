/** `app.use(imageSigner(options))` of Koa: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { PlacedText } from '../../http/rewrite-policy.ts';
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/reporter.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { ResponseFields } from '../http/response-fields.ts';
import type { Adapter, AttachedResponse } from '../middleware/adapter.ts';
import { EarlyBodyPolicy, emptyBodyLike } from '../middleware/early-body.ts';
import { createInstall } from '../middleware/install.ts';
import { responseStateOf } from '../middleware/response-state.ts';
import type { Renderer, Views } from '../middleware/view-data.ts';

/**
 * The parts of a Koa 2 or 3 context that the adapters use. Koa's own types are left to the entry point: an app brings
 * its own version of them.
 */
export interface KoaContext extends Renderer {
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
  readonly response?: { _body?: unknown };
}

export type KoaNext = () => Promise<unknown>;

/** For `calledByAnother`. */
export const koa = ['image-signer/koa', 'a context of Koa and next'] as const;

export function isKoaCall(context: KoaContext, next: KoaNext): boolean {
  return typeof next === 'function' && context.app !== undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaMiddleware(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const install = createInstall(options);
  async function imageSignerMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('imageSigner', ...koa, context);
    const pending = install.ready();
    if (pending !== undefined) await pending;
    const adapter = new KoaAdapter(context);
    const isFirst = install(context.req, context.res, () => adapter);
    await next();
    if (isFirst) adapter.replaceBody(isOutermost(context.app, imageSignerMiddleware));
  }
  return imageSignerMiddleware;
}

/**
 * Whether no other middleware sees the body after this one. `app.middleware` is not documented, though Koa 1 to 3 all
 * have it. If it is missing or holds something else, the answer is no: text then stays text for the middleware that runs after
 * this one, which is always right, and costs one more conversion.
 */
function isOutermost(app: object, middleware: unknown): boolean {
  const list: unknown = Reflect.get(app, 'middleware');
  return Array.isArray(list) && list[0] === middleware;
}

/**
 * What Koa adds to `node:http`: the helpers are the context's, and a body is replaced in `ctx.body` once the app has
 * set it. The headers are changed as they go out, as for any `ServerResponse`; and so is a body that is set later, or
 * written to `ctx.res` directly.
 */
class KoaAdapter implements Adapter {
  readonly viewer: KoaContext;
  readonly skipArguments: readonly unknown[];
  #response: AttachedResponse | undefined;
  #policy: KoaPolicy | undefined;

  constructor(context: KoaContext) {
    this.viewer = context;
    this.skipArguments = [context];
  }

  get source(): EventSource {
    const { method, originalUrl: target } = this.viewer;
    return { method, target };
  }

  attach(response: AttachedResponse): void {
    this.#response = response;
    const { viewer } = this;
    const prototype = Object.getPrototypeOf(viewer) as object;
    if (helpersSymbol in prototype || declareHelpers(prototype, viewer.app)) return;
    for (const name of names) setOwn(viewer, name, response[name]);
  }

  views(): Views {
    return { shared: this.viewer.state, renderer: this.viewer, methods: ['render'] };
  }

  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy {
    this.#policy = new KoaPolicy(target, instance, this.viewer);
    return this.#policy;
  }

  /**
   * Called when the inner middleware have run, and the app's body is set.
   * @param isOutermost - no other middleware looks at the body's type after this one
   */
  replaceBody(isOutermost: boolean): void {
    const type = this.viewer.res.getHeader('Content-Type');
    if (type !== undefined) this.#response?.expectBody(String(type));
    this.#policy?.replaceBody(isOutermost);
  }
}

/** Whether an app has declared `body` on an object that Koa makes for each request, or on that of the app which it inherits from. */
function hasOwnBody(made: object): boolean {
  return hasOwn.call(made, 'body') || hasOwn.call(Object.getPrototypeOf(made), 'body');
}

const hasOwn = Object.prototype.hasOwnProperty;

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
        return this.res && responseStateOf(this.res)?.[name]; // the prototype itself has no response
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

/** Replaces the body when the app has set it. */
class KoaPolicy extends EarlyBodyPolicy {
  readonly #context: KoaContext;
  /** The body that was decided about; by the time the headers go out `ctx.body` may be another one. */
  #placed: unknown;

  constructor(target: PolicyTarget, instance: Instance, context: KoaContext) {
    super(target, instance);
    this.#context = context;
  }

  /** @param isOutermost - no other middleware looks at the body's type or the headers after this one */
  replaceBody(isOutermost: boolean): void {
    const { body, respond, headerSent, res, status } = this.#context;
    if (respond === false || headerSent || body === null || body === undefined) return;
    // Koa 3 answers `null` for JSON without changing the status, which a new body would set to 200.
    if (body === 'null') return;
    const fields = (): HeaderFields => new ResponseFields(res, res.setHeader);
    const decision = this.replaceEarly({
      body,
      status,
      header: (name) => String(res.getHeader(name) ?? ''), // the app may have taken it back
      fields,
      isOutermost: () => isOutermost,
      keepsStreamForHead: false,
      onBroken: () => this.#destroy(),
      replace: (replaced) => this.#setBody(replaced ?? emptyBodyLike(body)),
    });
    this.#placed = this.#context.body;
    // A cache around us keeps the headers together with the new body.
    if (typeof decision === 'object' && !isOutermost) this.onHeadersEarly(fields());
  }

  /** An outer middleware may have compressed it. */
  protected override isInPlace(_status: number, fields: HeaderFields): boolean {
    return this.#placed === this.#context.body || fields.get('Content-Encoding') !== undefined;
  }

  #setBody(body: PlacedText | Buffer | Readable): void {
    if ('text' in body) return this.#setText(body);
    const before = body instanceof Readable ? body.listeners('error') : [];
    this.#context.body = body;
    if (!(body instanceof Readable)) return;
    // Koa 2 listens for errors on each stream that is set as a body. The source has that listener already: a second
    // one would report one failure to the app twice.
    for (const each of body.listeners('error'))
      if (!before.includes(each)) body.removeListener('error', each as () => void).on('error', () => {});
  }

  /**
   * Koa computes the length of a text that it gets, which for a page of 100 KB takes as long as to rewrite it. That of its bytes is
   * there: Koa gets these, and then, where it keeps a body, the text. `_body` is not documented, though Koa 1 to 3 all have it.
   * An app that declares a `body` of its own gets the text alone: what it does with bytes may be something else.
   */
  #setText({ text, bytes }: PlacedText): void {
    const context = this.#context;
    const { response } = context;
    if (response === undefined || hasOwnBody(context) || hasOwnBody(response)) {
      context.body = text;
      return;
    }
    context.body = bytes;
    if (response._body === bytes) response._body = text;
    else context.body = text;
  }

  /** Koa 2 leaves the connection open if a source fails, and the client waits for the rest of the page. */
  #destroy(): void {
    const { res } = this.#context;
    if (!res.writableEnded) res.destroy(); // ended: Koa has sent an error page
  }
}
