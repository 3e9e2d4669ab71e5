/**
 * Requests that offer an upgrade, and get an ordinary answer (RFC 9110, 7.8): handshakes that the target does not take, and
 * HTTP/2 without TLS, as curl and Java's client offer it with every request. Newer versions of Node.js ask which offers to take
 * (`shouldUpgradeCallback`); others have taken the connection off the server by then, as Node.js 20 does.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fieldsOf } from './fields.ts';

/** Gives the connection back to the server, with the request before it once more, without the offer. */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Socket,
  rest: Buffer,
): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = fieldsOf(rawHeaders).flatMap(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === 'upgrade') return [];
    if (lower !== 'connection') return [`${name}: ${value}\r\n`];
    const kept = value.split(',').filter((option) => option.trim().toLowerCase() !== 'upgrade');
    return kept.length === 0 ? [] : [`${name}: ${kept.join(',')}\r\n`];
  });
  const head = Buffer.from(`${method} ${url} HTTP/${httpVersion}\r\n${lines.join('')}\r\n`, 'latin1');
  socket.unshift(Buffer.concat([head, rest]));
  server.emit('connection', socket);
}

/**
 * Binds the target's answer to a handshake to the response that sends it on, as `httpxy` does with all others: where one side
 * has gone, the other ends. The connection closes behind it.
 */
export function bind(answer: IncomingMessage, response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.once('close', () => answer.destroy());
  if (answer.destroyed) response.destroy();
  answer.once('close', () => {
    if (!answer.complete) response.destroy();
  });
}

/**
 * Whether a request opens a WebSocket (RFC 6455, 4.1). With a body it is an ordinary one: here Node.js has not read the body,
 * and a target that waits for it would take the next request on the connection for it.
 */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody;
}
