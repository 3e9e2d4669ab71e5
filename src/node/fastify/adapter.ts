/** What Fastify adds to `node:http`: its own request and reply, and views that are rendered by `reply.view`. */
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/events.ts';
import type { Adapter, RequestHelpers, Views } from '../middleware/adapter.ts';
import type { Renderer } from '../middleware/view-data.ts';
import { keepHelpersInLocals } from './locals.ts';
import { FastifyPolicy } from './payload-replacement.ts';
import type { FastifyReply, FastifyRequest } from './reply.ts';

/** The property of a request that holds its adapter. From the registry: ESM and CommonJS copies share it. */
export const adapterSymbol: unique symbol = Symbol.for('image-signer.fastify') as never;

type Adapted = FastifyRequest & { [adapterSymbol]?: FastifyAdapter };

export class FastifyAdapter implements Adapter {
  readonly viewer: FastifyRequest;
  /** Identifies the registration of the plugin that created the adapter. */
  readonly registration: unknown;
  readonly #reply: FastifyReply;
  #policy: FastifyPolicy | undefined;
  #helpers: RequestHelpers | undefined;

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
  attach(helpers: RequestHelpers): void {
    this.#helpers = helpers;
    (this.viewer as Adapted)[adapterSymbol] = this;
  }

  get helpers(): RequestHelpers | undefined {
    return this.#helpers;
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
    return this.#policy === undefined ? payload : this.#policy.replacePayload(payload);
  }

  /**
   * Tells the policy the type of a payload before any `onSend` hook runs: one of another plugin may compare entity tags,
   * and conditional headers that do not hold for a signed page have to be gone by then.
   */
  announce(payload: unknown): void {
    const isData = typeof payload === 'object' && payload !== null && !('pipe' in payload);
    const type = this.#reply.getHeader('content-type') ?? (isData ? 'application/json' : '');
    this.#policy?.onContentType(String(type));
  }
}
