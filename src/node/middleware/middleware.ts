/** `app.use(imageSigner(options))` over `node:http`: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { earlierRoute } from './earlier-route.ts';
import { ExpressAdapter } from './express-adapter.ts';
import { createInstall } from './install.ts';
import { whenReady } from './readiness.ts';

export type Next = (error?: unknown) => void;

/** @throws ImageSignerError INVALID_OPTION */
export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const install = createInstall(options, (request) => earlierRoute(request, imageSignerMiddleware));
  function imageSignerMiddleware(request: IncomingMessage, response: ServerResponse, next: Next): void {
    const run = (): void => {
      install(request, response, () => new ExpressAdapter(request, response));
      next();
    };
    whenReady(install.ready(), run, next, request, response);
  }
  return imageSignerMiddleware;
}
