/** Events of a response, whatever other middleware does with its methods. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

/**
 * Calls `run` when the response itself emits an event, which it does only once. Compressing middleware such as
 * `@polka/compression` replaces `response.on`, and gives listeners to its own stream, which closes before the response.
 */
export function onResponse(
  response: EventEmitter,
  event: 'close' | 'finish' | 'socket',
  run: () => void,
): void {
  EventEmitter.prototype.addListener.call(response, event, run);
}

/** The responses that wait for their turn on a connection. */
const waiting: WeakMap<object, Set<() => void>> = new WeakMap();

/**
 * Calls `run` when the response closes, or when its connection does before its turn, of which Node.js says nothing. A connection
 * has one listener for all its responses.
 */
export function whenClosed(response: ServerResponse, run: () => void): void {
  onResponse(response, 'close', run);
  const { socket } = response.socket === null ? response.req : {};
  if (socket === undefined) return;
  let runs = waiting.get(socket);
  if (runs === undefined) {
    const all = new Set<() => void>();
    socket.once('close', () => {
      for (const each of all) each();
    });
    waiting.set(socket, all);
    runs = all;
  }
  runs.add(run);
  onResponse(response, 'socket', () => runs.delete(run));
}

/**
 * Calls `run` when all earlier responses on the connection are sent; never if the client disconnects first. Node.js gives
 * pipelined requests (RFC 9112, 9.3.2) to the server all at once, and makes their responses wait. A client that sends hundreds of
 * them and reads nothing could hold hundreds of bodies in memory, or connections to a target.
 */
export function whenItsTurn(response: ServerResponse, run: () => void): void {
  // Node assigns the socket when it is this response's turn.
  if (response.socket !== null || response.destroyed) run();
  else onResponse(response, 'socket', run);
}
