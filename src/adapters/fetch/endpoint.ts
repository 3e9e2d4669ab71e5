/** `signingEndpoint` over the fetch standard: a `Request` in, a `Response` out. */
import { type Body, maxBodyBytes } from '../../endpoint/batch.ts';
import { Endpoint, notFound, unavailable } from '../../endpoint/endpoint.ts';
import type { FetchHandler } from './middleware.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchEndpoint(
  options: unknown,
): (request: Request, next?: FetchHandler) => Promise<Response> {
  const endpoint = new Endpoint(options);
  async function signingEndpointMiddleware(request: Request, next?: FetchHandler): Promise<Response> {
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const body = () => readBody(request);
    const pending = endpoint.respond({ method, target: url, headers, body }, request);
    if (pending === undefined && next !== undefined) return next(request);
    const result = await (pending ?? notFound);
    const answer = result === 'aborted' ? unavailable : result;
    const hasBody = answer.status !== 204 && method !== 'HEAD';
    return new Response(hasBody ? answer.body : null, { status: answer.status, headers: answer.headers });
  }
  return signingEndpointMiddleware;
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
