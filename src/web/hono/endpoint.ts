/** `app.use('/sign/*', signingEndpoint({ path: '/sign', … }))` of Hono. */
import { createRespond } from '../fetch/endpoint.ts';
import { type HonoContext, type HonoNext, throwUnavailable } from './context.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoEndpoint(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<Response | undefined> {
  const respond = createRespond(options);
  async function signingEndpointMiddleware(
    context: HonoContext,
    next: HonoNext,
  ): Promise<Response | undefined> {
    const { raw } = context.req;
    const response = respond(raw, context);
    if (response !== undefined) return response.catch((error: unknown) => throwUnavailable(error, raw));
    await next();
    return undefined;
  }
  return signingEndpointMiddleware;
}
