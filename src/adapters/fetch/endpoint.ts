/** `signingEndpoint` over the fetch standard: a `Request` in, a `Response` out. */

import { type Body, maxBodyBytes } from '../../endpoint/batch.ts';
import { Endpoint, notFound, unavailable } from '../../endpoint/endpoint.ts';

type Next = (request: Request) => Response | Promise<Response>;

export function createFetchEndpoint(options: unknown): (request: Request, next?: Next) => Promise<Response> {
  const endpoint = new Endpoint(options);
  // A property's name: esbuild renames a function that is called as an export is.
  const { signingEndpoint } = {
    async signingEndpoint(request: Request, next?: Next) {
      const { method, url } = request;
      const headers = Object.fromEntries(request.headers);
      const asked = { method, target: url, headers, body: () => bodyOf(request) };
      const pending = endpoint.answer(asked, request);
      if (pending === undefined && next !== undefined) return next(request);
      const answer = await (pending ?? notFound);
      const given = answer === 'gone' ? unavailable : answer;
      const hasBody = given.status !== 204 && method !== 'HEAD';
      return new Response(hasBody ? given.body : null, { status: given.status, headers: given.headers });
    },
  };
  return signingEndpoint;
}

/** Reads no further than the bound. */
async function bodyOf(request: Request): Promise<Body> {
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
    return 'gone';
  }
}
