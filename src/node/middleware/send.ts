/**
 * Sends the package's own answers over `node:http`: those of the signing endpoint, and the 503 for a request whose key could not be
 * fetched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type EndpointResponse, unavailable } from '../../endpoint/responses.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import { ResponseFields } from '../http/response-fields.ts';

export function send(response: ServerResponse, answer: EndpointResponse, request: IncomingMessage): void {
  if (response.headersSent) return; // the app's timeout answered while `authorize` was running
  setHeaders(new ResponseFields(response, response.setHeader), answer, request);
  response.statusCode = answer.status;
  response.end(answer.body);
}

/** Sets the answer's headers, and removes those that earlier middleware has set for the app's own answers. */
export function setHeaders(
  fields: HeaderFields,
  { status, headers, body }: EndpointResponse,
  request: IncomingMessage,
): void {
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding', 'Content-Length']) fields.remove(name);
  // A site-wide CORS middleware may let other sites read the app's answers. It must not let them read signed URLs.
  for (const name of fields.names()) if (name.startsWith('access-control-')) fields.remove(name);
  // An earlier middleware may have set CDN-Cache-Control or the like for every response of the site.
  forbidStorage(fields);
  const { Vary: vary, ...others } = headers;
  if (vary !== undefined) fields.set('Vary', [...fields.list('Vary'), vary].join(', '));
  for (const [name, value] of Object.entries(others)) fields.set(name, value);
  if (status !== 204) fields.set('Content-Length', String(Buffer.byteLength(body)));
  // The rest of a long body stays unread, so no other request can follow on this connection.
  if (status === 413 && !request.complete && request.httpVersionMajor === 1)
    fields.set('Connection', 'close');
}

/**
 * Waits for a key that a function returns, and then handles the request.
 * @param pending - the result of a signer's `ready`; undefined, by far the most common case, keeps everything synchronous
 * @param run - handles the request
 * @param next - gets the error if there is no key; see `passError`
 */
export function whenReady(
  pending: Promise<void> | undefined,
  run: () => void,
  next: (error?: unknown) => void,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (pending === undefined) return run();
  pending.then(run, (error: unknown) => passError(error, next, request, response));
}

/**
 * Passes an error to the app, or answers 503.
 * @param next - gets the error if it has a parameter: a bare server's callback without parameters would ignore it, and behind a
 *   guard serve the image
 */
export function passError(
  error: unknown,
  next: ((error?: unknown) => void) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (next !== undefined && next.length > 0) next(error);
  else send(response, unavailable(error), request);
}
