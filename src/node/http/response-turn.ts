/**
 * Pipelined requests (RFC 9112, 9.3.2). Node.js gives them to the server all at once, and makes their responses wait. A client that
 * sends hundreds of them and reads nothing could hold hundreds of bodies in memory, or connections to a target.
 */
import type { ServerResponse } from 'node:http';

/** Calls `run` when all earlier responses on the connection are sent; never if the client disconnects first. */
export function whenItsTurn(response: ServerResponse, run: () => void): void {
  // Node assigns the socket when it is this response's turn.
  if (response.socket !== null || response.destroyed) run();
  else response.once('socket', run);
}
