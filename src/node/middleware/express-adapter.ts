/** Express, Connect and bare `node:http`: the helpers are the request's, and views are rendered by `res.render`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/events.ts';
import { insertPrototype } from '../http/replaced-methods.ts';
import type { Adapter, RequestHelpers, Views } from './adapter.ts';
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

/** The helpers of a response's request, if it has any. */
type FindHelpers = (response: ServerResponse) => RequestHelpers | undefined;

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
function attachHelpers(request: Request, helpers: RequestHelpers, find: FindHelpers): void {
  const isFound = request.res !== undefined && find(request.res) === helpers;
  const isInherited =
    isFound &&
    (request[helpersSymbol] || insertPrototype(request, 'request', (below) => createPrototype(below, find)));
  if (!isInherited) for (const name of names) setOwn(request, name, helpers[name]);
}

function createPrototype(below: object, find: FindHelpers): object {
  const prototype: object = Object.create(below, { [helpersSymbol]: { value: true } });
  for (const name of names) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      get(this: Request) {
        return this.res === undefined ? undefined : find(this.res)?.[name];
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
