/** `imageGuard` of Koa. */
import { forbidStorage } from '../../http/freshness.ts';
import { onHeaders } from '../../node-http/on-headers.ts';
import { createRequestGuard, isRefusal } from '../node/request-guard.ts';
import type { KoaContext, KoaNext } from './context.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaGuard(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const guard = createRequestGuard(options);
  async function imageGuardMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    const pending = guard.ready();
    if (pending !== undefined) await pending;
    const decision = guard.check(context.originalUrl, context.res);
    if (isRefusal(decision)) {
      context.status = decision.status;
      context.body = decision.body;
      // Middleware above us may still set freshness headers of its own.
      onHeaders(context.res, (_status, fields) => forbidStorage(fields));
      return;
    }
    if (decision !== undefined) context.state['signedImage'] = decision;
    await next();
  }
  return imageGuardMiddleware;
}
