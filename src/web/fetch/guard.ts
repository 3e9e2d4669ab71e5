/** `imageGuard` over the fetch standard: an image request in, the app's response or a refusal out. */
import type { SignedImage } from '../../guard/check.ts';
import { createRequestGuard, isRefusal, setRefusalHeaders } from '../../guard/request-guard.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { SchemeImage } from '../../schemes/definition.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { answerUnavailable } from './endpoint.ts';
import { FetchFields, isImmutable } from './exchange.ts';

/** Undefined for a request that only report mode lets through. */
type Passed = SignedImage<SchemeImage> | undefined;

/** The guard's decision about one request, for frameworks over fetch. */
export interface GuardedRequest {
  readonly passed: Passed;
  /** Undefined for a request that is let through. */
  readonly refusal: Response | undefined;
  /**
   * Called with the response, and again after other middleware has changed it.
   * @returns the same response, or a copy if its headers cannot be changed
   */
  limit(response: Response): Response;
}

interface FetchGuard {
  ready(): Promise<void> | undefined;
  check(request: Request): GuardedRequest;
}

type Next = (request: Request, passed: Passed) => Response | Promise<Response>;

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchGuard(options: unknown): (request: Request, next: Next) => Promise<Response> {
  const guard = createGuardOverFetch(options);
  async function imageGuardMiddleware(request: Request, next: Next): Promise<Response> {
    if (typeof next !== 'function' || !('clone' in request))
      throw calledByAnother(
        'imageGuard',
        'image-signer/fetch',
        'a Request and a function that answers it',
        request,
      );
    const pending = guard.ready();
    if (pending !== undefined) {
      try {
        await pending;
      } catch (error) {
        return answerUnavailable(error, request);
      }
    }
    const { passed, refusal, limit } = guard.check(request);
    return refusal ?? limit(await next(request, passed));
  }
  return imageGuardMiddleware;
}

/**
 * The guard of any framework over fetch.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createGuardOverFetch(options: unknown): FetchGuard {
  const guard = createRequestGuard(options);
  return {
    ready: () => guard.ready(),
    check({ method, url }) {
      // A `Request` has no other target: its dot segments are resolved, and the handler reads the same URL.
      const decision = guard.check(url.replace(/^[a-z]+:\/\/[^/?#]*/i, ''), method);
      if (isRefusal(decision)) {
        const { status, body } = decision;
        const refusal = new Response(method === 'HEAD' ? null : body, { status });
        setRefusalHeaders(new FetchFields(refusal.headers));
        return { passed: undefined, refusal, limit: (response) => withFields(response, forbidStorage) };
      }
      const isLimited = decision !== undefined && 'expiresAt' in decision;
      return {
        passed: decision,
        refusal: undefined,
        limit: (response) =>
          isLimited
            ? withFields(response, (fields) => guard.limit(decision, response.status, fields))
            : response,
      };
    },
  };
}

/** @returns the response itself, or a copy if its headers are read-only, as in a response from `fetch` */
function withFields(response: Response, change: (fields: HeaderFields) => void): Response {
  const isFixed = isImmutable(response);
  // The response to an upgrade, and one whose body is in use, cannot be copied.
  if (isFixed && (response.status < 200 || response.bodyUsed || response.body?.locked)) return response;
  const changed = isFixed ? new Response(response.body, response) : response;
  change(new FetchFields(changed.headers));
  return changed;
}
