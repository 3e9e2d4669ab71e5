/** `app.use(mount('/sign', signingEndpoint(options)))` of Koa. */
import { Endpoint } from '../../endpoint/endpoint.ts';
import { forbidStorage } from '../../http/freshness.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { onHeaders } from '../http/write-head.ts';
import { readBody } from '../middleware/endpoint.ts';
import { setHeaders } from '../middleware/send.ts';
import { isKoaCall, type KoaContext, type KoaNext, koa } from './middleware.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaEndpoint(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const endpoint = new Endpoint(options);
  async function signingEndpointMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    if (!isKoaCall(context, next)) throw calledByAnother('signingEndpoint', ...koa, context);
    const { req, res, url, originalUrl, request } = context;
    const { method = '', headers } = req;
    const body = () => readBody(req, request.body);
    const result = await endpoint.respond(
      { method, target: url, originalTarget: originalUrl, headers, body },
      context,
    );
    if (result === undefined) return void (await next());
    if (result === 'aborted' || context.headerSent) {
      context.respond = false; // the client is gone, or has got another answer
      return;
    }
    setHeaders(new ResponseFields(res, res.setHeader), result, req);
    // Outer middleware may still set freshness headers of its own.
    onHeaders(res, (_status, fields) => forbidStorage(fields));
    context.status = result.status;
    context.body = result.status === 204 ? null : result.body;
  }
  return signingEndpointMiddleware;
}
