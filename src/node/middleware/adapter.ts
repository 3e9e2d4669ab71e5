/** The interface between the middleware and a framework over `node:http`. */
import type { EventSource } from '../../signer/reporter.ts';
import type { RequestHelpers } from '../../signer/request-helpers.ts';
import type { Views } from './view-data.ts';

/** Where a framework's handlers and views find the helpers, and which arguments the app's own functions get. */
export interface Adapter {
  /** The second argument of `authorize`: Express's request, Koa's context. */
  readonly viewer: unknown;
  /** The arguments of `skip`. */
  readonly skipArguments: readonly unknown[];
  /** The request, as the client sent it, for events. */
  readonly source: EventSource;
  /** Makes the helpers available to handlers; they are created on first use. */
  attach(response: { readonly helpers: RequestHelpers }): void;
  views(): Views;
}
