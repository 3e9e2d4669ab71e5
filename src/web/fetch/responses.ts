/** Responses that are the package's own, not the app's. */
import { type EndpointResponse, unavailable } from '../../endpoint/endpoint.ts';
import type { ImageSignerError } from '../../errors.ts';

export function toResponse({ status, headers, body }: EndpointResponse, { method }: Request): Response {
  const hasBody = status !== 204 && method !== 'HEAD';
  return new Response(hasBody ? body : null, { status, headers });
}

/**
 * The response for a key that is not there. A handler over fetch has no error handler above it: a rejection would get
 * whatever page the runtime has.
 * @throws any other error
 */
export function answerUnavailable(error: unknown, request: Request): Response {
  if (!isKeyUnavailable(error)) throw error;
  return toResponse(unavailable, request);
}

/** By its code: the signer may come from another copy of the package. */
export function isKeyUnavailable(error: unknown): error is ImageSignerError {
  return error instanceof Error && (error as Partial<ImageSignerError>).code === 'KEY_UNAVAILABLE';
}
