/** `app.register(imageSigner, options)` of Fastify: the plugin itself. */
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import { hasSentHead } from '../http/response-fields.ts';
import type { Adapter } from '../middleware/adapter.ts';
import { isStream, signHeldBody } from '../middleware/framework-body.ts';
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
    // By our own symbol: an app with another `signImage` gets Fastify's error for a decorator that is there already.
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
    // A plugin before us may compare tags in `onSend`: conditions that do not hold for signed JSON have to be gone by then.
    instance.addHook('preSerialization', (_request, reply, payload, next) => {
      const state = responseStateOf(reply.raw);
      if (state?.isConditional)
        state.policy.onContentType(String(reply.getHeader('content-type') ?? 'application/json'));
      next(null, payload);
    });
    // The registration that was the first to see a reply alone signs its payload.
    instance.addHook('onSend', (request, reply, payload, next) => {
      const isFirst = FastifyAdapter.of(request)?.registration === install;
      next(null, isFirst ? signPayload(reply, payload) : payload);
    });
  },
);

/** The property of a request that holds its adapter. From the registry: ESM and CommonJS copies share it; the number is that of what they share. */
const adapterSymbol: unique symbol = Symbol.for('image-signer.fastify.1') as never;

type Adapted = FastifyRequest & { [adapterSymbol]?: FastifyAdapter };

/** What Fastify adds to `node:http`: its own request and reply, and views that are rendered by `reply.view`. */
class FastifyAdapter implements Adapter {
  readonly viewer: FastifyRequest;
  /** Identifies the registration of the plugin that created the adapter. */
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
 * @returns the payload to send instead. One that a later hook puts in its place is signed as it goes out, and so is that of a
 *   `Response`, which names its type only after the hooks.
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
    // Another status, such as the 304 of a plugin that compares tags, is of another payload; and so is another length.
    holds(placed, status, sent) {
      const length = isStream(placed) ? undefined : sent.get('Content-Length');
      const isSame = length === undefined || length === String(Buffer.byteLength(placed as string | Buffer));
      return status === statusCode && (isSame || sent.get('Content-Encoding') !== undefined);
    },
    // Until the first byte goes out, the answer is Fastify's, or that of a plugin that compresses. Afterwards a hook that passes
    // no errors on would leave the client waiting for the rest.
    onBroken() {
      if (hasSentHead(raw) && !raw.writableEnded) raw.destroy();
    },
  });
  if (signed !== payload) reply.removeHeader('Content-Length'); // Fastify sets that of a new text or Buffer
  return signed;
}

/** By Fastify's own tests; Koa, in contrast, writes any object as JSON. */
function isBody(payload: unknown): boolean {
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  return isText || payload instanceof ReadableStream || isStream(payload);
}

/**
 * Keeps the helpers in `reply.locals`, the data that every view of a reply gets. The documentation of `@fastify/view` has apps assign an object of their own in a hook.
 * All replies may share that object: it is copied, since a helper signs for one viewer.
 */
function keepHelpersInLocals(reply: FastifyReply): void {
  const kept = { ...reply.locals };
  (reply as Keeping)[localsSymbol] = kept;
  // Inherited where this plugin has declared it; a property of its own costs a reply more than the rest of the plugin.
  // A getter of another plugin, or of a second copy of this one, is inherited as well, and knows nothing of ours.
  if (reply.locals !== kept) Object.defineProperty(reply, 'locals', accessor);
}

/** The property of a reply that holds what `locals` gives. */
const localsSymbol: unique symbol = Symbol('image-signer.locals');

type Keeping = FastifyReply & { [localsSymbol]?: Record<string, unknown> | null };

/** The accessor in the form that `decorateReply` takes: for apps in which no other plugin has declared `locals`. */
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

/** The same functions for all replies: with functions of its own, each reply would be an object of another shape to V8. */
const accessor: PropertyDescriptor = {
  configurable: true,
  enumerable: true,
  get: localsDecorator.getter,
  set: localsDecorator.setter,
};
