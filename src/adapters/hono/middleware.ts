/** `app.use(imageSigner(options))` of Hono: the middleware itself. */
import { createProcess } from '../fetch/middleware.ts';
import type { HonoContext, HonoNext } from './context.ts';
import { throwUnavailable } from './unavailable.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoMiddleware(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<void> {
  const process = createProcess(options);
  async function imageSignerMiddleware(context: HonoContext, next: HonoNext): Promise<void> {
    const received = context.req.raw;
    const pending = process.ready();
    if (pending !== undefined) await pending.catch((error: unknown) => throwUnavailable(error, received));
    const response = await process(received, context, async (request, { signImage, signSrcset }) => {
      context.req.raw = request; // without conditional headers that would not hold for a signed page
      context.set('signImage', signImage);
      context.set('signSrcset', signSrcset);
      await next();
      return context.res;
    });
    context.req.raw = received;
    if (response === context.res) return;
    // Assigning a second response merges the first one's headers into it, Content-Length and ETag among them.
    context.res = undefined;
    context.res = response;
  }
  return imageSignerMiddleware;
}
