/** `app.use('/sign/*', signingEndpoint({ path: '/sign', … }))` of Hono. */
import { createRespond } from '../fetch/endpoint.ts';
import type { HonoContext, HonoNext } from './context.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoEndpoint(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<Response | undefined> {
  const respond = createRespond(options);
  async function signingEndpointMiddleware(
    context: HonoContext,
    next: HonoNext,
  ): Promise<Response | undefined> {
    const response = respond(context.req.raw, context);
    if (response !== undefined) return response;
    await next();
    return undefined;
  }
  return signingEndpointMiddleware;
}
