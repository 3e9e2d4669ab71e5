/**
 * What a framework over `node:http` adds to the messages: where handlers and views find the helpers, and what the app's
 * own functions are called with.
 */
import type { Instance } from '../../pages/instance.ts';
import type { PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import type { EventSource } from '../../signer/events.ts';
import type { SignDataHelper } from '../../signer/request-helpers.ts';
import type { Renderer, RenderMethod } from './view-data.ts';

/** They throw as the signer's own methods do. */
export interface RequestHelpers {
  readonly signImage: ((image: string, variant?: unknown, options?: unknown) => string) | undefined;
  readonly signData: SignDataHelper | undefined;
  readonly signSrcset: ((image: string, candidates?: unknown, options?: unknown) => string) | undefined;
}

export interface Views {
  /** The data that every view of the response gets; undefined if the framework has no views. */
  readonly shared: Record<string, unknown> | undefined;
  readonly renderer: Renderer;
  readonly methods: readonly RenderMethod[];
}

export interface Adapter {
  /** The second argument of `authorize`: Express's request, Koa's context. */
  readonly viewer: unknown;
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** The request, as the client sent it, for events. */
  readonly source: EventSource;
  /** Makes the helpers available to handlers. */
  attach(helpers: RequestHelpers): void;
  views(): Views;
  createPolicy(target: PolicyTarget, instance: Instance): ResponsePolicy;
}
