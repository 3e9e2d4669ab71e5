/**
 * `app.use('/images', imageGuard(options), express.static('images'))` over `node:http`. The Koa and Fastify guards set their
 * headers here too, but send refusals themselves.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SignedImage } from '../../guard/check.ts';
import {
  createRequestGuard,
  type GuardDecision,
  isRefusal,
  type RequestGuard,
  setRefusalHeaders,
} from '../../guard/request-guard.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { SchemeImage } from '../../schemes/definition.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { onHeaders } from '../http/write-head.ts';
import type { Next } from './middleware.ts';
import { whenReady } from './send.ts';

type Request = IncomingMessage & {
  readonly originalUrl?: string;
  signedImage?: SignedImage<SchemeImage> | undefined;
};

/** @throws ImageSignerError INVALID_OPTION */
export function createGuard(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const guard = createNodeGuard(options);
  function imageGuardMiddleware(request: Request, response: ServerResponse, next: Next): void {
    if (typeof next !== 'function' || typeof (Object(response) as ServerResponse).writeHead !== 'function')
      throw calledByAnother('imageGuard', 'image-signer', 'a request, a response and next', request);
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

interface NodeGuard extends Pick<RequestGuard, 'ready'> {
  /**
   * Decides by the path and query that the client sent, and sets the headers of the decision.
   * @param fields - receives the headers of a refusal; by default those of the response
   */
  check(target: string, response: ServerResponse, fields?: HeaderFields): GuardDecision;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createNodeGuard(options: unknown): NodeGuard {
  const guard = createRequestGuard(options);
  return {
    ready: () => guard.ready(),
    check(target, response, fields) {
      const { method } = (response as { readonly req?: IncomingMessage }).req ?? {};
      const decision = guard.check(target, method);
      if (isRefusal(decision)) {
        const ownFields = fields ?? new ResponseFields(response, response.setHeader);
        setRefusalHeaders(ownFields);
        ownFields.set('Content-Length', String(Buffer.byteLength(decision.body)));
        // Outer middleware may still set its own freshness headers.
        onHeaders(response, (_status, sent) => forbidStorage(sent));
      } else if (decision !== undefined && 'expiresAt' in decision) {
        onHeaders(response, (status, sent) => guard.limit(decision, status, sent));
      }
      return decision;
    },
  };
}
