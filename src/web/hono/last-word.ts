/**
 * The last word on the headers of a response. Outer middleware may change them after ours, by `c.header` or on `c.res`;
 * Hono reads `c.res` once more when all of it has run, and sends what it gets.
 */
import type { HonoContext } from './context.ts';

/**
 * Passes the response through a function whenever `c.res` is read from here on.
 * @param limit - called again and again; returns another response only if it has to
 */
export function limitEachRead(context: HonoContext, limit: (response: Response) => Response): void {
  // The accessor of the class, which keeps the response in a private field of the context.
  const accessors = Object.getPrototypeOf(context) as object;
  Object.defineProperty(context, 'res', {
    configurable: true,
    enumerable: true,
    get() {
      const response = Reflect.get(accessors, 'res', context) as Response;
      const limited = limit(response);
      if (limited !== response) replaceResponse(context, limited);
      return limited;
    },
    set(response: Response | undefined) {
      Reflect.set(accessors, 'res', response, context);
    },
  });
}

/** Assigning a second response merges the first one's headers into it, Content-Length and ETag among them. */
export function replaceResponse(context: HonoContext, response: Response): void {
  context.res = undefined;
  context.res = response;
}
