/** `app.use('/sign', signingEndpoint(options))` over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Endpoint, notFound } from '../../endpoint/endpoint.ts';
import type { Next } from './middleware.ts';
import { passError } from './readiness.ts';
import { readBody } from './request-body.ts';
import { send } from './send.ts';

/** `body` is there if a body parser has run. */
type Request = IncomingMessage & { readonly body?: unknown };

/** @throws ImageSignerError INVALID_OPTION */
export function createEndpoint(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next?: Next) => void {
  const endpoint = new Endpoint(options);
  function signingEndpointMiddleware(request: Request, response: ServerResponse, next?: Next): void {
    const { method = '', url = '', headers } = request;
    const body = () => readBody(request, request.body);
    // `url`, not `originalUrl`: the image's URL is what follows the mount path.
    const pending = endpoint.respond({ method, target: url, headers, body }, request);
    if (pending === undefined) {
      if (next === undefined) return send(response, notFound, request);
      return next();
    }
    pending
      .then((result) => {
        if (result !== 'aborted') send(response, result, request);
      })
      .catch((error: unknown) => passError(error, next, request, response));
  }
  return signingEndpointMiddleware;
}
