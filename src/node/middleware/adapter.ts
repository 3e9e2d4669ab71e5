/** What a framework over `node:http` is to the middleware: where its helpers are, its views, and what its functions get. */
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import type { Views } from './view-data.ts';

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
  /** Makes the helpers available to handlers; they are created when one is used first. */
  attach(response: { readonly helpers: RequestHelpers }): void;
  views(): Views;
}
