/** Express, Connect, and bare `node:http`: the helpers are the request's, and views are those of `res.render`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interceptor } from '../../http/rewrite-policy.ts';
import type { ResponsePlan } from '../../response/policy.ts';
import type { Framework, RequestHelpers, Views } from './adapter.ts';
import { attachHelpers } from './request-helpers.ts';
import { mountedOn } from './response-state.ts';
import type { Renderer } from './view-data.ts';

/** Connect and bare http have neither. */
export interface ExpressResponse extends ServerResponse, Renderer {
  locals?: Record<string, unknown>;
}

export class ExpressFramework implements Framework {
  readonly viewer: IncomingMessage;
  readonly #response: ExpressResponse;

  constructor(request: IncomingMessage, response: ExpressResponse) {
    this.viewer = request;
    this.#response = response;
  }

  get skipArguments(): readonly unknown[] {
    return [this.viewer, this.#response];
  }

  attach(helpers: RequestHelpers): void {
    attachHelpers(this.viewer, helpers, mountedOn);
  }

  views(): Views {
    return { shared: this.#response.locals, renderer: this.#response };
  }

  planned(plan: ResponsePlan): Interceptor {
    return plan;
  }
}
