/** `signingEndpoint` over the fetch standard: a `Request` in, a `Response` out. The middleware shares its 503. */
import { Endpoint } from '../../endpoint/endpoint.ts';
import { type Body, maxBodyBytes } from '../../endpoint/request.ts';
import { type EndpointResponse, notFound, unavailable } from '../../endpoint/responses.ts';
import type { ImageSignerError } from '../../errors.ts';
import { calledByAnother } from '../../validation/caller.ts';

type Next = (request: Request) => Response | Promise<Response>;

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchEndpoint(options: unknown): (request: Request, next?: Next) => Promise<Response> {
  const respond = createRespond(options);
  async function signingEndpointMiddleware(request: Request, next?: Next): Promise<Response> {
    if (!('clone' in request))
      throw calledByAnother('signingEndpoint', 'image-signer/fetch', 'a Request', request);
    const response = respond(request, request);
    if (response !== undefined) return response.catch((error: unknown) => answerUnavailable(error, request));
    return next === undefined ? toResponse(notFound, request) : next(request);
  }
  return signingEndpointMiddleware;
}

/**
 * The endpoint of any framework over fetch.
 * @returns answers; undefined for a request that is not the endpoint's. `viewer` is passed to `authorize`.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createRespond(
  options: unknown,
): (request: Request, viewer: unknown) => Promise<Response> | undefined {
  const endpoint = new Endpoint(options);
  return (request, viewer) => {
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const body = () => readBody(request);
    return endpoint
      .respond({ method, target: url, headers, body }, viewer)
      ?.then((result) => toResponse(result === 'aborted' ? unavailable() : result, request));
  };
}

/** Stops at the limit. */
async function readBody(request: Request): Promise<Body> {
  if (request.bodyUsed || request.body?.locked) return 'unreadable';
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') return 'unreadable';
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done || value === undefined) return { value: Buffer.concat(chunks) };
      length += value.length;
      chunks.push(value);
      if (length <= maxBodyBytes) continue;
      await reader?.cancel();
      return 'too-long';
    }
  } catch {
    return 'aborted';
  }
}

function toResponse({ status, headers, body }: EndpointResponse, { method }: Request): Response {
  const hasBody = status !== 204 && method !== 'HEAD';
  return new Response(hasBody ? body : null, { status, headers });
}

/**
 * The response if no key is available. A fetch handler has no error handler above it: a rejection would get the runtime's own error
 * page.
 * @throws any other error
 */
export function answerUnavailable(error: unknown, request: Request): Response {
  if (!isKeyUnavailable(error)) throw error;
  return toResponse(unavailable(error), request);
}

/** Compares the code, because the signer may come from another copy of the package. */
function isKeyUnavailable(error: unknown): error is ImageSignerError {
  return error instanceof Error && (error as Partial<ImageSignerError>).code === 'KEY_UNAVAILABLE';
}
