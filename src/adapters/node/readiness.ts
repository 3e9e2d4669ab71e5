/** Waits for the key before a request over `node:http` is handled, where a function gives it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unavailable } from '../../endpoint/endpoint.ts';
import { send } from './send.ts';

/**
 * @param pending - what `ready` of a signer returned: undefined, by far the most common case, leaves all synchronous
 * @param run - handles the request
 * @param next - gets the error of a key that is not there. A callback without parameters, as bare servers have them,
 *   would take that for a go-ahead, and a guard would let everything through: then the answer is 503 at once.
 */
export function whenReady(
  pending: Promise<void> | undefined,
  run: () => void,
  next: (error?: unknown) => void,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (pending === undefined) return run();
  pending.then(run, (error: unknown) => {
    if (next.length > 0) next(error);
    else send(response, unavailable, request);
  });
}
