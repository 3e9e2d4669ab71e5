/**
 * Express gives the messages of an app one object each to inherit from (`app.request`, `app.response`), and whichever
 * app handles a message puts its own in place. All of one copy of Express inherit from one object at the bottom: a
 * layer right below that is met by all of them, mounted or called as a mere handler, at no cost for a message: to put
 * a property on one that Express has had takes some 2 microseconds.
 */
import { IncomingMessage, ServerResponse } from 'node:http';

/** What is known of an app. */
interface App {
  readonly request?: object;
  readonly response?: object;
}

const nodes = { request: IncomingMessage.prototype, response: ServerResponse.prototype };

/**
 * @param layerOver - makes the layer, over what Express's object inherits from now
 * @returns whether the message inherits from the layer; not where no app of Express has had it
 */
export function insertLayer(
  message: object,
  kind: 'request' | 'response',
  layerOver: (below: object) => object,
): boolean {
  const { app }: { readonly app?: App } = message;
  let shared: object | null | undefined = app?.[kind];
  if (shared === undefined || !Object.prototype.isPrototypeOf.call(shared, message)) return false;
  let below = Object.getPrototypeOf(shared) as object | null;
  while (below !== null && below !== nodes[kind]) {
    shared = below;
    below = Object.getPrototypeOf(below) as object | null;
  }
  if (below === null || !Object.isExtensible(shared)) return false;
  Object.setPrototypeOf(shared, layerOver(below));
  return true;
}
