/** What a framework over `node:http` is to the middleware: where its helpers are, its views, and what its functions get. */
import type { EventSource } from '../../signer/reporter.ts';
import type { SignDataHelper } from '../../signer/request-helpers.ts';
import type { Views } from './view-data.ts';

/** They throw as the signer's own methods do. */
export interface RequestHelpers {
  readonly signImage: ((image: string, variant?: unknown, options?: unknown) => string) | undefined;
  readonly signData: SignDataHelper | undefined;
  readonly signSrcset: ((image: string, candidates?: unknown, options?: unknown) => string) | undefined;
}

/**
 * What a framework over `node:http` adds to the messages: where handlers and views find the helpers, and what the app's own
 * functions are called with.
 */
export interface Adapter {
  /** The second argument of `authorize`: Express's request, Koa's context. */
  readonly viewer: unknown;
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** The request, as the client sent it, for events. */
  readonly source: EventSource;
  /** Makes the helpers available to handlers. */
  attach(response: RequestHelpers): void;
  views(): Views;
}
