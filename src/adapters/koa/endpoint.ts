/** `app.use(mount('/sign', signingEndpoint(options)))` of Koa. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Endpoint } from '../../endpoint/endpoint.ts';
import { forbidStorage } from '../../http/freshness.ts';
import { whenHeadersLeave } from '../../node-http/on-headers.ts';
import { bodyOf } from '../node/request-body.ts';
import { setHeaders } from '../node/send.ts';

/** A context of Koa, as far as it is used here. */
interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Without the path that `koa-mount` has taken off. */
  readonly url: string;
  readonly request: { readonly body?: unknown };
  readonly headerSent: boolean;
  status: number;
  body: unknown;
  respond?: boolean;
}

export function createKoaEndpoint(
  options: unknown,
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  const endpoint = new Endpoint(options);
  // A property's name: esbuild renames a function that is called as an export is.
  const { signingEndpoint } = {
    async signingEndpoint(context: KoaContext, next: () => Promise<unknown>) {
      const { req, res, url, request } = context;
      const { method = '', headers } = req;
      const asked = { method, target: url, headers, body: () => bodyOf(req, request.body) };
      const answer = await endpoint.answer(asked, context);
      if (answer === undefined) return void (await next());
      if (answer === 'gone' || context.headerSent) {
        context.respond = false; // there is nobody to answer, or somebody has
        return;
      }
      setHeaders(res, answer, req);
      // Middleware before us may still have headers to set.
      whenHeadersLeave(res, (_status, fields) => forbidStorage(fields));
      context.status = answer.status;
      context.body = answer.status === 204 ? null : answer.body;
    },
  };
  return signingEndpoint;
}
