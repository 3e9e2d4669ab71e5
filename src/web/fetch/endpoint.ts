/** `signingEndpoint` over the fetch standard: a `Request` in, a `Response` out. */
import { type Body, maxBodyBytes } from '../../endpoint/batch.ts';
import { Endpoint, notFound, unavailable } from '../../endpoint/endpoint.ts';
import { answerUnavailable, toResponse } from './responses.ts';

type Next = (request: Request) => Response | Promise<Response>;

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchEndpoint(options: unknown): (request: Request, next?: Next) => Promise<Response> {
  const respond = createRespond(options);
  async function signingEndpointMiddleware(request: Request, next?: Next): Promise<Response> {
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
      ?.then((result) => toResponse(result === 'aborted' ? unavailable : result, request));
  };
}

/** Reads no further than the limit. */
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
