/** What a framework adds to the messages of `node:http`: what apps are given, and what their functions are asked with. */
import type { Interceptor } from '../../http/rewrite-policy.ts';
import type { ResponsePlan } from '../../response/policy.ts';
import type { Renderer } from './view-data.ts';

/** They throw, as the signer's own do. */
export interface RequestHelpers {
  readonly signImage: ((image: string, variant?: string, options?: unknown) => string) | undefined;
  readonly signSrcset: ((image: string, candidates?: unknown, options?: unknown) => string) | undefined;
}

export interface Views {
  /** The data that all views of the response get; undefined where there are no views. */
  readonly shared: Record<string, unknown> | undefined;
  readonly renderer: Renderer;
}

export interface Framework {
  /** What `authorize` is asked with. */
  readonly viewer: unknown;
  /** What `skip` is asked with. */
  readonly skipArguments: readonly unknown[];
  /** Gives the helpers to handlers. */
  attach(helpers: RequestHelpers): void;
  views(): Views;
  /** Who decides, where the framework has a say in it. */
  planned(plan: ResponsePlan): Interceptor;
}
