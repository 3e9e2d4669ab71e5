/** An answer as a response of `node:http`: its headers, and the whole of it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../../endpoint/endpoint.ts';
import { forbidStorage } from '../../http/freshness.ts';
import { ResponseFields } from '../../http/header-fields.ts';

export function send(response: ServerResponse, answer: Answer, request: IncomingMessage): void {
  if (response.headersSent) return; // by a timeout of the app, while `authorize` was thinking
  setHeaders(response, answer, request);
  response.statusCode = answer.status;
  response.end(answer.body);
}

/** All but the status: nothing is left of what an earlier middleware has set for the app's own answers. */
export function setHeaders(
  response: ServerResponse,
  { status, headers, body }: Answer,
  request: IncomingMessage,
): void {
  const fields = new ResponseFields(response, response.setHeader);
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding', 'Content-Length']) fields.remove(name);
  // What lets other sites read the app's other answers does not let them read these.
  for (const name of fields.names()) if (name.startsWith('access-control-')) fields.remove(name);
  forbidStorage(fields); // a CDN may listen to what an earlier middleware has set for all responses
  const { Vary: vary, ...others } = headers;
  if (vary !== undefined) fields.set('Vary', [...fields.list('Vary'), vary].join(', '));
  for (const [name, value] of Object.entries(others)) fields.set(name, value);
  if (status !== 204) fields.set('Content-Length', String(Buffer.byteLength(body)));
  // The rest of a body that is too long is not read, and nothing may be read behind it.
  if (status === 413 && !request.complete && request.httpVersionMajor === 1)
    fields.set('Connection', 'close');
}
