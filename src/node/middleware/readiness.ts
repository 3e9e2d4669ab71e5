/** Waits for the key before a request over `node:http` is handled, where a function gives it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { unavailable } from '../../endpoint/endpoint.ts';
import { send } from './send.ts';

/**
 * @param pending - what `ready` of a signer returned: undefined, by far the most common case, leaves all synchronous
 * @param run - handles the request
 * @param next - gets the error of a key that is not there, as `passError` has it
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
 * @param next - gets the error, if it can: a callback without parameters, as bare servers have them, would take it for a
 *   go-ahead, and behind a guard serve the image. Then the answer is 503.
 */
export function passError(
  error: unknown,
  next: ((error?: unknown) => void) | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (next !== undefined && next.length > 0) next(error);
  else send(response, unavailable, request);
}
