/** `app.register(imageSigner, options)` of Fastify: the plugin itself. */
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/reporter.ts';
import { mayBeConditional } from '../http/raw-conditions.ts';
import type { Adapter, AttachedResponse, RequestHelpers } from '../middleware/adapter.ts';
import { createInstall } from '../middleware/install.ts';
import { whenReady } from '../middleware/send.ts';
import type { Renderer, Views } from '../middleware/view-data.ts';
import { FastifyPolicy, nameHook } from './payload-replacement.ts';
import { createSharedPlugin, type FastifyPlugin, type FastifyReply, type FastifyRequest } from './reply.ts';

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
        const isFirst = install(request.raw, reply.raw, () => new FastifyAdapter(request, reply, install));
        if (isFirst && mayBeConditional(request.raw)) announceOnSend(request, reply);
        next();
      };
      whenReady(install.ready(), run, (error) => next(error as Error), request.raw, reply.raw);
    });
    instance.addHook(
      'onSend',
      nameHook((request, _reply, payload, next) => {
        const adapter = FastifyAdapter.of(request);
        // The registration that was the first to see a reply alone replaces its payload.
        next(null, adapter?.registration === install ? adapter.replacePayload(payload) : payload);
      }),
    );
  },
);

function announceOnSend(request: FastifyRequest, reply: FastifyReply): void {
  const { send } = reply;
  reply.send = function sendAnnounced(payload?: unknown) {
    FastifyAdapter.of(request)?.announce(payload);
    return send.call(reply, payload);
  };
}

/** The property of a request that holds its adapter. From the registry: ESM and CommonJS copies share it. */
const adapterSymbol: unique symbol = Symbol.for('image-signer.fastify') as never;

type Adapted = FastifyRequest & { [adapterSymbol]?: FastifyAdapter };

/** What Fastify adds to `node:http`: its own request and reply, and views that are rendered by `reply.view`. */
class FastifyAdapter implements Adapter {
  readonly viewer: FastifyRequest;
  /** Identifies the registration of the plugin that created the adapter. */
  readonly registration: unknown;
  readonly #reply: FastifyReply;
  #policy: FastifyPolicy | undefined;
  #response: AttachedResponse | undefined;

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
  attach(response: AttachedResponse): void {
    this.#response = response;
    (this.viewer as Adapted)[adapterSymbol] = this;
  }

  get helpers(): RequestHelpers | undefined {
    return this.#response;
  }

  views(): Views {
    const { locals: shared } = this.#reply;
    return { shared: shared ?? undefined, renderer: this.#reply as Renderer, methods: ['view', 'viewAsync'] };
  }

  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy {
    this.#policy = new FastifyPolicy(target, instance, this.#reply);
    return this.#policy;
  }

  replacePayload(payload: unknown): unknown {
    this.#response?.expectBody(String(this.#reply.getHeader('Content-Type') ?? ''));
    return this.#policy === undefined ? payload : this.#policy.replacePayload(payload);
  }

  /**
   * Gives the policy the type of a payload before any `onSend` hook runs: a hook of another plugin may compare entity tags, and
   * conditional headers that do not hold for a signed page have to be gone by then.
   */
  announce(payload: unknown): void {
    const isData = typeof payload === 'object' && payload !== null && !('pipe' in payload);
    const type = this.#reply.getHeader('content-type') ?? (isData ? 'application/json' : '');
    this.#policy?.onContentType(String(type));
  }
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
