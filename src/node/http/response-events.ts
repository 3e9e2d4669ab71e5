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
