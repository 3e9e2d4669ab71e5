/**
 * Requests that offer an upgrade, but get an ordinary answer (RFC 9110, 7.8): handshakes that the target refuses, and HTTP/2
 * without TLS, which curl and Java's client offer with every request. Newer versions of Node.js ask which offers to accept
 * (`shouldUpgradeCallback`); older ones, such as Node.js 20, have detached the connection from the server by then.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { fieldsOf } from './fields.ts';

/** Returns the connection to the server, and puts the request before its bytes again, without the offer. */
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
 * Binds the target's answer to a handshake to the response that relays it, as `httpxy` does for all others: when one side
 * goes, the other ends. The connection closes after it.
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
 * Whether a request opens a WebSocket (RFC 6455, 4.1). With a body, it is an ordinary request: Node.js has not read the body
 * here, and a target that waits for one would read the next request on the connection instead.
 */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody;
}
