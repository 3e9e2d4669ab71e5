/** `app.use(imageSigner(options))` of Hono: the middleware itself. */
import { createFetchInstall } from '../fetch/middleware.ts';
import type { HonoContext, HonoNext } from './context.ts';
import { limitEachRead, replaceResponse } from './last-word.ts';
import { throwUnavailable } from './unavailable.ts';

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
