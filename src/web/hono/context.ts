/** The parts of Hono that the adapters use: its context, and its way for errors. Hono's own types are left to the entry point. */
import { answerUnavailable } from '../fetch/endpoint.ts';

export interface HonoContext {
  readonly req: { raw: Request };
  /** Whether a response has been set. */
  readonly finalized: boolean;
  get res(): Response;
  set res(response: Response | undefined);
  set(name: string, value: unknown): void;
}

export type HonoNext = () => Promise<void>;

/**
 * For a request whose key could not be fetched: throws the error to the app's `onError`. Hono's own handler answers an error that has `getResponse`, such as an
 * `HTTPException`, with that response.
 * @see https://hono.dev/docs/api/exception
 */
export function throwUnavailable(error: unknown, request: Request): never {
  const response = answerUnavailable(error, request);
  throw Object.assign(error as Error, { getResponse: () => response }); // `answerUnavailable` throws all others
}
