/** `app.use(imageSigner(options))` over `node:http`: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ExpressFramework } from './express-adapter.ts';
import { createMounting } from './install.ts';

export type Next = (error?: unknown) => void;

export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const mountOn = createMounting(options);
  // A property's name: esbuild renames a function that is called as an export is.
  const { imageSigner } = {
    imageSigner(request: IncomingMessage, response: ServerResponse, next: Next) {
      mountOn(request, response, () => new ExpressFramework(request, response));
      next();
    },
  };
  return imageSigner;
}
