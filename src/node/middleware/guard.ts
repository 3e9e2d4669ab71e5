/** `app.use('/images', imageGuard(options), express.static('images'))` over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignedImage } from '../../guard/check.ts';
import { createRequestGuard, isRefusal } from './guard-answer.ts';
import type { Next } from './middleware.ts';
import { whenReady } from './readiness.ts';

type Request = IncomingMessage & { readonly originalUrl?: string; signedImage?: SignedImage | undefined };

/** @throws ImageSignerError INVALID_OPTION */
export function createGuard(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const guard = createRequestGuard(options);
  function imageGuardMiddleware(request: Request, response: ServerResponse, next: Next): void {
    const run = (): void => {
      // Express takes the mount path off `url`, but the token was made for the whole path.
      const decision = guard.check(request.originalUrl ?? request.url ?? '', response);
      if (isRefusal(decision)) {
        response.statusCode = decision.status;
        response.end(decision.body);
        return;
      }
      if (decision !== undefined) request.signedImage = decision;
      next();
    };
    whenReady(guard.ready(), run, next, request, response);
  }
  return imageGuardMiddleware;
}
