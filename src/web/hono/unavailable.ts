/** What a request gets while there is no key, where a function gives it. */
import { answerUnavailable } from '../fetch/responses.ts';

/**
 * Throws an error to the app's `onError`. Hono's own handler answers an error that has `getResponse`, such as an
 * `HTTPException`, with that response.
 * @see https://hono.dev/docs/api/exception
 */
export function throwUnavailable(error: unknown, request: Request): never {
  const response = answerUnavailable(error, request);
  throw Object.assign(error as Error, { getResponse: () => response }); // `answerUnavailable` throws all others
}
