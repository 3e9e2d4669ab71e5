/** Sends an answer of the signing endpoint as a response of `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EndpointResponse } from '../../endpoint/endpoint.ts';
import { forbidStorage } from '../../http/freshness.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import { ResponseFields } from '../http/response-fields.ts';

export function send(response: ServerResponse, answer: EndpointResponse, request: IncomingMessage): void {
  if (response.headersSent) return; // a timeout of the app answered while `authorize` was running
  setHeaders(new ResponseFields(response, response.setHeader), answer, request);
  response.statusCode = answer.status;
  response.end(answer.body);
}

/** Sets every header of the answer, and removes those that an earlier middleware has set for the app's own answers. */
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
  // The rest of a body that is too long stays unread, so no other request can follow on this connection.
  if (status === 413 && !request.complete && request.httpVersionMajor === 1)
    fields.set('Connection', 'close');
}
