/**
 * `app.use('/sign', signingEndpoint(options))` over `node:http`. The endpoints of Koa and Fastify read request bodies as it
 * does.
 */
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
    const { method = '', url = '', originalUrl, headers } = request;
    const body = () => readBody(request, request.body);
    // `url`, not `originalUrl`: the image's URL is what follows the mount path.
    const pending = endpoint.respond(
      { method, target: url, originalTarget: originalUrl, headers, body },
      request,
    );
    if (pending === undefined) {
      if (next === undefined) return send(response, notFound, request);
      return next();
    }
    pending
      .then((result) => {
        if (result !== 'aborted') send(response, result, request);
      })
      .catch((error: unknown) => passError(error, next, request, response));
  }
  return signingEndpointMiddleware;
}

/**
 * The body of a request: what a body parser has left, or else what is read here up to the limit.
 * @param parsed - what a body parser has left, if one has run
 */
export async function readBody(request: IncomingMessage, parsed: unknown): Promise<Body> {
  if (request.destroyed && !request.complete) return 'aborted';
  // Express 4 gives every request the body `{}`, whether or not a parser has read it.
  const isParsed = parsed !== undefined && !isEmpty(parsed);
  // A stream that has been read gives no more, or not everything: waiting for its end could take forever. One without
  // bytes has ended without having been read.
  const isRead = request.readableDidRead || request.readableEnded || request.destroyed;
  if (isParsed || isRead) return { value: parsed };
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'unreadable';
  return read(request);
}

function isEmpty(parsed: unknown): boolean {
  return parsed === null || (typeof parsed === 'object' && Reflect.ownKeys(parsed).length === 0);
}

/** Reads no further than the limit: the rest of a body that is too long stays unread. */
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
      request.pause();
      settle('too-long');
    };
    const onEnd = (): void => settle({ value: Buffer.concat(chunks) });
    // A client that leaves, or is cut off by a timeout, is no error to report.
    const onAbort = (): void => settle('aborted');
    request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
  });
}
