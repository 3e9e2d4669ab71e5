/** `app.use(imageSigner(options))` of Hono: the middleware itself. */
import { createFetchInstall } from '../fetch/middleware.ts';
import { type HonoContext, type HonoNext, throwUnavailable } from './context.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoMiddleware(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<void> {
  const install = createFetchInstall(options);
  async function imageSignerMiddleware(context: HonoContext, next: HonoNext): Promise<void> {
    const received = context.req.raw;
    const pending = install.ready();
    if (pending !== undefined) await pending.catch((error: unknown) => throwUnavailable(error, received));
    const { request, helpers, finish, limitAgain } = install.begin(received, context);
    context.req.raw = request; // without conditional headers that would not hold for a signed page
    context.set('signImage', helpers.signImage);
    context.set('signSrcset', helpers.signSrcset);
    context.set('signData', helpers.signData);
    await next();
    // The handler has returned nothing. Reading `res` would create an empty 200, where Hono gives its error.
    if (!context.finalized) return;
    const given = context.res;
    const response = await finish(given);
    context.req.raw = received;
    if (response === given) return;
    replaceResponse(context, response);
    limitEachRead(context, limitAgain);
  }
  return imageSignerMiddleware;
}

/**
 * Passes the response through a function whenever `c.res` is read from here on: outer middleware may change the headers
 * after ours, by `c.header` or on `c.res`, and Hono sends what it reads there when all of it has run.
 * @param limit - called again and again; returns another response only if it has to
 */
function limitEachRead(context: HonoContext, limit: (response: Response) => Response): void {
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
function replaceResponse(context: HonoContext, response: Response): void {
  context.res = undefined;
  context.res = response;
}
