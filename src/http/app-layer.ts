/**
 * Express gives the messages of an app one object each to inherit from (`app.request`, `app.response`), and mounted
 * apps inherit from those of the app that they are mounted in. A layer right below the outermost app's object is met
 * by all of them, at no cost for a message: to put a property on one that Express has had takes some 2 microseconds.
 */

/** What is known of an app. */
interface App {
  readonly request?: object;
  readonly response?: object;
  readonly parent?: App;
}

/**
 * @param layerOver - makes the layer, over what the app's object inherits from now
 * @returns whether the message inherits from the layer; not where no app of Express has had it
 */
export function insertLayer(
  message: object,
  kind: 'request' | 'response',
  layerOver: (below: object) => object,
): boolean {
  let { app }: { readonly app?: App } = message;
  while (app?.parent !== undefined) app = app.parent;
  const shared = app?.[kind];
  if (shared === undefined || !Object.prototype.isPrototypeOf.call(shared, message)) return false;
  Object.setPrototypeOf(shared, layerOver(Object.getPrototypeOf(shared) as object)); // a message's has one at least
  return true;
}
