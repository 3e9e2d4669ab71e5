/** `app.use('/sign', signingEndpoint(options))` over `node:http`. The Koa and Fastify endpoints share `readBody`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Endpoint } from '../../endpoint/endpoint.ts';
import { type Body, maxBodyBytes } from '../../endpoint/request.ts';
import { notFound } from '../../endpoint/responses.ts';
import { calledByAnother } from '../../validation/caller.ts';
import type { Next } from './middleware.ts';
import { passError, send } from './send.ts';

/** `body` is there if a body parser has run. */
type Request = IncomingMessage & { readonly body?: unknown; readonly originalUrl?: string };

/** @throws ImageSignerError INVALID_OPTION */
export function createEndpoint(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next?: Next) => void {
  const endpoint = new Endpoint(options);
  function signingEndpointMiddleware(request: Request, response: ServerResponse, next?: Next): void {
    if (typeof (Object(response) as ServerResponse).writeHead !== 'function')
      throw calledByAnother('signingEndpoint', 'image-signer', 'a request and a response', request);
    // `url`, not `originalUrl`: the image's URL follows the mount path.
    const { method = '', url: target = '', originalUrl: originalTarget, headers } = request;
    const body = () => readBody(request, request.body);
    const pending = endpoint.respond({ method, target, originalTarget, headers, body }, request);
    if (pending === undefined) return next === undefined ? send(response, notFound, request) : next();
    pending
      .then((result) => {
        if (result !== 'aborted') send(response, result, request);
      })
      .catch((error: unknown) => passError(error, next, request, response));
  }
  return signingEndpointMiddleware;
}

/**
 * Reads the body of a request up to the limit, unless a body parser has already read it.
 * @param parsed - the parser's result, if one has run
 */
export async function readBody(request: IncomingMessage, parsed: unknown): Promise<Body> {
  if (request.destroyed && !request.complete) return 'aborted';
  // Express 4 gives every request the body `{}`, whether or not a parser has read it.
  const isParsed = parsed !== undefined && !isEmpty(parsed);
  // A stream that was read gives nothing more, or only a part: waiting for its end could take forever. A stream without
  // bytes ends without being read.
  const isRead = request.readableDidRead || request.readableEnded || request.destroyed;
  if (isParsed || isRead) return { value: parsed };
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'unreadable';
  return read(request);
}

function isEmpty(parsed: unknown): boolean {
  return parsed === null || (typeof parsed === 'object' && Reflect.ownKeys(parsed).length === 0);
}

/** Stops at the limit: the rest of a longer body stays unread. */
function read(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const settle = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      resolve(body);
    };
    const onData = (chunk: Uint8Array | string): void => {
      // Text if the app has called `setEncoding`.
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, request.readableEncoding ?? 'utf8') : chunk;
      length += bytes.length;
      chunks.push(bytes);
      if (length <= maxBodyBytes) return;
      // The rest is dropped in HTTP/2, where a stream that nobody reads stays open. In HTTP/1 the connection closes.
      if (request.httpVersionMajor === 1) request.pause();
      settle('too-long');
    };
    const onEnd = (): void => settle({ value: Buffer.concat(chunks) });
    // A client that disconnects or times out is not an error to report.
    const onAbort = (): void => settle('aborted');
    request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
  });
}
