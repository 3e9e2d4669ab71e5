/**
 * Pipelined requests (RFC 9112, 9.3.2): Node.js gives them all to the server at once, and lets their responses wait. A client
 * that sends hundreds of them and reads nothing would hold hundreds of bodies in memory, or of connections to a target.
 */
import type { ServerResponse } from 'node:http';

/** Runs once the responses to all earlier requests on the connection are sent; never if the client leaves before that. */
export function whenItsTurn(response: ServerResponse, run: () => void): void {
  // Until then it has no socket.
  if (response.socket !== null || response.destroyed) run();
  else response.once('socket', run);
}
