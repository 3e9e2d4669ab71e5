/** Replaces methods of a message: on the message itself or, in Express, on a prototype that all messages inherit from. */
import { IncomingMessage, ServerResponse } from './node-http.ts';

type Replaceable = 'writeHead' | 'write' | 'end' | 'setHeader' | 'appendHeader';

/** These methods have overloads that no single signature covers. A replacement passes on what it was given. */
export type AnyMethod = (...args: unknown[]) => unknown;

/**
 * Replaces a method of a response.
 * @param replacement - receives the previous method, bound to the response
 * @returns a function that restores the previous method, unless another one has been put above ours in the meantime
 */
export function replaceMethod(
  response: ServerResponse,
  name: Replaceable,
  replacement: (previous: AnyMethod) => AnyMethod,
): () => void {
  const methods = response as unknown as Record<Replaceable, AnyMethod>;
  const previous = methods[name];
  const ours = replacement((...args) => previous.apply(response, args));
  methods[name] = ours;
  return () => {
    // Assigned, not deleted: deleting a property makes every later use of the object slower.
    if (methods[name] === ours) methods[name] = previous;
  };
}

interface App {
  readonly request?: object;
  readonly response?: object;
}

const nodePrototypes = { request: IncomingMessage.prototype, response: ServerResponse.prototype };

/**
 * Inserts a prototype that all messages of Express inherit from. Express sets the prototype of each message to an object of
 * its app (`app.request`, `app.response`), and another app that handles the message sets its own. All apps of one copy of
 * Express inherit from one object, `express.response`. A prototype inserted right below that one is reached by all of them,
 * whether mounted or called as plain handlers. It costs a message nothing; adding a property to a message that Express has
 * had costs some 2 microseconds.
 * @param create - creates the prototype; `below` is what it has to inherit from
 * @returns whether the message inherits from it now; false if no app of Express has handled the message
 */
export function insertPrototype(
  message: object,
  kind: 'request' | 'response',
  create: (below: object) => object,
): boolean {
  const { app }: { readonly app?: App } = message;
  let shared: object | null | undefined = app?.[kind];
  if (shared === undefined || !Object.prototype.isPrototypeOf.call(shared, message)) return false;
  let below = Object.getPrototypeOf(shared) as object | null;
  while (below !== null && below !== nodePrototypes[kind]) {
    shared = below;
    below = Object.getPrototypeOf(below) as object | null;
  }
  if (below === null || !Object.isExtensible(shared)) return false;
  Object.setPrototypeOf(shared, create(below));
  return true;
}
