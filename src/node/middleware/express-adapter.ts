/** Express, Connect and bare `node:http`: the helpers are the request's, and views are rendered by `res.render`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/events.ts';
import type { Adapter, RequestHelpers, Views } from './adapter.ts';
import { attachHelpers } from './request-helpers.ts';
import { responseStateOf } from './response-state.ts';
import type { Renderer } from './view-data.ts';

/** Connect and bare `node:http` have neither `locals` nor `render`. */
export interface ExpressResponse extends ServerResponse, Renderer {
  locals?: Record<string, unknown>;
}

/** Express and Connect remove a mount path from `url`, and keep the whole target here. */
type ExpressRequest = IncomingMessage & { readonly originalUrl?: string };

export class ExpressAdapter implements Adapter {
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
    attachHelpers(this.viewer, helpers, responseStateOf);
  }

  views(): Views {
    return { shared: this.#response.locals, renderer: this.#response, methods: ['render'] };
  }

  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy {
    return new ResponsePolicy(target, instance);
  }
}
