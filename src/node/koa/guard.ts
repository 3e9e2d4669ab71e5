/** `imageGuard` of Koa. */
import { isRefusal } from '../../guard/request-guard.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { createNodeGuard } from '../middleware/guard.ts';
import { isKoaCall, type KoaContext, type KoaNext, koa } from './middleware.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaGuard(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const guard = createNodeGuard(options);
  async function imageGuardMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('imageGuard', ...koa, context);
    const pending = guard.ready();
    if (pending !== undefined) await pending;
    const decision = guard.check(context.originalUrl, context.res);
    if (isRefusal(decision)) {
      context.status = decision.status;
      context.body = decision.body;
      return;
    }
    if (decision !== undefined) context.state['signedImage'] = decision;
    await next();
  }
  return imageGuardMiddleware;
}
