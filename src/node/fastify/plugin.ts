/** Fastify's `app.register(imageSigner, options)`: the plugin itself. */
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import { hasSentHead } from '../http/response-fields.ts';
import type { Adapter } from '../middleware/adapter.ts';
import { isStream, isWhole, signHeldBody } from '../middleware/framework-body.ts';
import { createInstall } from '../middleware/install.ts';
import { responseStateOf } from '../middleware/response-state.ts';
import { whenReady } from '../middleware/send.ts';
import type { Renderer, Views } from '../middleware/view-data.ts';
import {
  createSharedPlugin,
  type FastifyPlugin,
  type FastifyReply,
  type FastifyRequest,
  ReplyFields,
} from './reply.ts';

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const imageSignerPlugin: FastifyPlugin = createSharedPlugin(
  'image-signer',
  'imageSigner',
  (instance, options) => {
    const install = createInstall(options);
    // Test for our own symbol: an app with another `signImage` should get Fastify's error for a duplicate decorator.
    if (!instance.hasRequestDecorator(adapterSymbol)) {
      instance.decorateRequest(adapterSymbol, null);
      for (const name of ['signImage', 'signSrcset', 'signData'] as const) {
        instance.decorateRequest(name, {
          getter(this: FastifyRequest) {
            return FastifyAdapter.of(this)?.helpers?.[name];
          },
        });
      }
    }
    if (!instance.hasReplyDecorator('locals')) instance.decorateReply('locals', localsDecorator);
    instance.addHook('onRequest', (request, reply, next) => {
      const run = (): void => {
        install(request.raw, reply.raw, () => new FastifyAdapter(request, reply, install));
        next();
      };
      whenReady(install.ready(), run, (error) => next(error as Error), request.raw, reply.raw);
    });
    // A plugin before us may compare tags in `onSend`: remove conditions that do not hold for signed JSON before that.
    instance.addHook('preSerialization', (_request, reply, payload, next) => {
      const state = responseStateOf(reply.raw);
      if (state?.isConditional)
        state.policy.onContentType(String(reply.getHeader('content-type') ?? 'application/json'));
      next(null, payload);
    });
    // Only the registration that first saw a reply signs its payload.
    instance.addHook('onSend', (request, reply, payload, next) => {
      const isFirst = FastifyAdapter.of(request)?.registration === install;
      next(null, isFirst ? signPayload(reply, payload) : payload);
    });
  },
);

/** A request's adapter. The global registry lets ESM and CommonJS copies share it; the number is the version of what they share. */
const adapterSymbol: unique symbol = Symbol.for('image-signer.fastify.1') as never;

type Adapted = FastifyRequest & { [adapterSymbol]?: FastifyAdapter };

/** Fastify has its own request and reply, and renders views with `reply.view`. */
class FastifyAdapter implements Adapter {
  readonly viewer: FastifyRequest;
  /** The registration of the plugin that created the adapter. */
  readonly registration: unknown;
  readonly #reply: FastifyReply;
  #response: { readonly helpers: RequestHelpers } | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, registration: unknown) {
    this.viewer = request;
    this.registration = registration;
    this.#reply = reply;
    keepHelpersInLocals(reply);
  }

  static of(request: Adapted): FastifyAdapter | undefined {
    return request[adapterSymbol];
  }

  get skipArguments(): readonly unknown[] {
    return [this.viewer, this.#reply];
  }

  get source(): EventSource {
    const { method, originalUrl: target } = this.viewer;
    return { method, target };
  }

  /** The helpers are getters of the request, which the plugin declares once for the app. */
  attach(response: { readonly helpers: RequestHelpers }): void {
    this.#response = response;
    (this.viewer as Adapted)[adapterSymbol] = this;
  }

  get helpers(): RequestHelpers | undefined {
    return this.#response?.helpers;
  }

  views(): Views {
    const { locals: shared } = this.#reply;
    return { shared: shared ?? undefined, renderer: this.#reply as Renderer, methods: ['view', 'viewAsync'] };
  }
}

/**
 * @returns the payload to send instead. A payload that a later hook puts in its place is signed when it is sent, and so is that of a
 *   `Response`, whose type is known only after the hooks.
 */
function signPayload(reply: FastifyReply, payload: unknown): unknown {
  const { raw } = reply;
  const state = responseStateOf(raw);
  if (state?.outgoing === undefined) return payload;
  state.placed = undefined;
  if (!isBody(payload)) return payload;
  const { statusCode } = reply;
  const fields = new ReplyFields(reply);
  const signed = signHeldBody(state, {
    body: payload,
    status: statusCode,
    fields,
    // Another status, such as a 304 from a plugin that compares tags, or another length means another payload.
    holds(placed, status, sent) {
      const length = isWhole(placed) ? sent.get('Content-Length') : undefined;
      const isSame = length === undefined || length === String(Buffer.byteLength(placed as string | Buffer));
      return status === statusCode && (isSame || sent.get('Content-Encoding') !== undefined);
    },
    // Before the first byte, Fastify or a compressing plugin answers. After it, a hook that does not forward errors would leave the
    // client waiting for the rest.
    onBroken() {
      if (hasSentHead(raw) && !raw.writableEnded) raw.destroy();
    },
  });
  if (signed !== payload) reply.removeHeader('Content-Length'); // Fastify sets it for a new text or Buffer
  return signed;
}

/** Like Fastify's own tests. Koa, in contrast, sends any other object as JSON. */
function isBody(payload: unknown): boolean {
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  return isText || payload instanceof ReadableStream || isStream(payload);
}

/**
 * Keeps the helpers in `reply.locals`, the data of all views of a reply. The `@fastify/view` documentation tells apps to assign their
 * own object in a hook. Replies may share that object, so it is copied: a helper signs for one viewer.
 */
function keepHelpersInLocals(reply: FastifyReply): void {
  const kept = { ...reply.locals };
  (reply as Keeping)[localsSymbol] = kept;
  // Prefer the accessor that this plugin has declared: an own property costs a reply more than the rest of the plugin. But the
  // inherited accessor may be another plugin's, or a second copy's, which ignores our value.
  if (reply.locals !== kept) Object.defineProperty(reply, 'locals', accessor);
}

/** Holds the value of a reply's `locals`. */
const localsSymbol: unique symbol = Symbol('image-signer.locals');

type Keeping = FastifyReply & { [localsSymbol]?: Record<string, unknown> | null };

/** The accessor for `decorateReply`, used if no other plugin has declared `locals`. */
const localsDecorator: ThisType<Keeping> & { getter(): unknown; setter(value: unknown): void } = {
  getter() {
    return this[localsSymbol] ?? null;
  },
  setter(value) {
    const kept = this[localsSymbol];
    const given = value as FastifyReply['locals'];
    this[localsSymbol] = kept
      ? { signImage: kept['signImage'], signSrcset: kept['signSrcset'], ...given }
      : (given ?? null);
  },
};

/** Shared by all replies: with its own functions, every reply would have a different shape in V8. */
const accessor: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get: localsDecorator.getter,
  set: localsDecorator.setter,
};
