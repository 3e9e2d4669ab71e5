/** `app.use('/sign', signingEndpoint(options))` over `node:http`: plain values out of a request, an answer into a response. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Endpoint, notFound, unavailable } from '../../endpoint/endpoint.ts';
import { bodyOf } from './request-body.ts';
import { send } from './send.ts';

type Request = IncomingMessage & { readonly body?: unknown };
type Next = (error?: unknown) => void;

export function createEndpoint(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next?: Next) => void {
  const endpoint = new Endpoint(options);

  // A property's name: esbuild renames a function that is called as an export is.
  const { signingEndpoint } = {
    signingEndpoint(request: Request, response: ServerResponse, next?: Next) {
      const { method = '', url = '', headers } = request;
      // Not `originalUrl`: the image's URL is what follows the mount.
      const asked = { method, target: url, headers, body: () => bodyOf(request, request.body) };
      const answer = endpoint.answer(asked, request);
      if (answer === undefined) {
        if (next === undefined) return send(response, notFound, request);
        return next();
      }
      answer
        .then((given) => {
          if (given !== 'gone') send(response, given, request);
        })
        .catch((error: unknown) => {
          if (next === undefined) send(response, unavailable, request);
          else next(error);
        });
    },
  };
  return signingEndpoint;
}
