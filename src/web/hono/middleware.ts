/** `imageSigner`, `imageGuard` and `signingEndpoint` as Hono middleware, over fetch. Only the entry point uses Hono's own types. */
import { calledByAnother } from '../../validation/caller.ts';
import { answerUnavailable, createRespond } from '../fetch/endpoint.ts';
import { createGuardOverFetch } from '../fetch/guard.ts';
import { createFetchInstall } from '../fetch/middleware.ts';

/** The parts of a Hono context that we use. */
interface HonoContext {
  readonly req: { raw: Request };
  /** Whether a response has been set. */
  readonly finalized: boolean;
  get res(): Response;
  set res(response: Response | undefined);
  set(name: string, value: unknown): void;
}

type HonoNext = () => Promise<void>;

const hono = ['image-signer/hono', 'a Hono context and next'] as const;

function isHonoCall(context: HonoContext, next: HonoNext): boolean {
  return typeof next === 'function' && context.req?.raw !== undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoMiddleware(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<void> {
  const install = createFetchInstall(options);
  async function imageSignerMiddleware(context: HonoContext, next: HonoNext): Promise<void> {
    if (!isHonoCall(context, next)) throw calledByAnother('imageSigner', ...hono, context);
    const received = context.req.raw;
    const pending = install.ready();
    if (pending !== undefined) await pending.catch((error: unknown) => throwUnavailable(error, received));
    const { request, helpers, finish, limitAgain } = install.begin(received, context);
    context.req.raw = request; // without conditions that do not hold for a signed page
    context.set('signImage', helpers.signImage);
    context.set('signSrcset', helpers.signSrcset);
    context.set('signData', helpers.signData);
    await next();
    // The handler has returned nothing. Reading `res` would create an empty 200 instead of Hono's error.
    if (!context.finalized) return;
    const given = context.res;
    const response = await finish(given);
    context.req.raw = received;
    if (response === given) return;
    replaceResponse(context, response);
    limitEachRead(context, limitAgain);
  }
  return imageSignerMiddleware;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoGuard(options: unknown): (context: HonoContext, next: HonoNext) => Promise<void> {
  const guard = createGuardOverFetch(options);
  async function imageGuardMiddleware(context: HonoContext, next: HonoNext): Promise<void> {
    if (!isHonoCall(context, next)) throw calledByAnother('imageGuard', ...hono, context);
    const { raw } = context.req;
    const pending = guard.ready();
    if (pending !== undefined) await pending.catch((error: unknown) => throwUnavailable(error, raw));
    const { passed, refusal, limit } = guard.check(raw);
    if (refusal === undefined) {
      if (passed !== undefined) context.set('signedImage', passed);
      await next();
      if (!context.finalized) return; // as in the middleware
    } else {
      replaceResponse(context, refusal);
    }
    limitEachRead(context, limit);
  }
  return imageGuardMiddleware;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createHonoEndpoint(
  options: unknown,
): (context: HonoContext, next: HonoNext) => Promise<Response | undefined> {
  const respond = createRespond(options);
  async function signingEndpointMiddleware(
    context: HonoContext,
    next: HonoNext,
  ): Promise<Response | undefined> {
    if (!isHonoCall(context, next)) throw calledByAnother('signingEndpoint', ...hono, context);
    const { raw } = context.req;
    const response = respond(raw, context);
    if (response !== undefined) return response.catch((error: unknown) => throwUnavailable(error, raw));
    await next();
    return undefined;
  }
  return signingEndpointMiddleware;
}

/**
 * Passes the response through a function whenever `c.res` is read from here on. Outer middleware may change the headers after us, with
 * `c.header` or on `c.res`, and Hono reads `c.res` when all middleware has run.
 * @param limit - called repeatedly; returns another response only if it must
 */
function limitEachRead(context: HonoContext, limit: (response: Response) => Response): void {
  // The class's accessor, which keeps the response in a private field, or the accessor of a middleware below.
  const accessors =
    Object.getOwnPropertyDescriptor(context, 'res') ??
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(context), 'res')!;
  Object.defineProperty(context, 'res', {
    configurable: true,
    enumerable: true,
    get() {
      const response = accessors.get!.call(context) as Response;
      const limited = limit(response);
      if (limited !== response) replaceResponse(context, limited);
      return limited;
    },
    set(response: Response | undefined) {
      accessors.set!.call(context, response);
    },
  });
}

/** Assigning a second response merges the first one's headers into it, including Content-Length and ETag. */
function replaceResponse(context: HonoContext, response: Response): void {
  context.res = undefined;
  context.res = response;
}

/**
 * For a request whose key could not be fetched: throws the error to the app's `onError`. If an error has `getResponse`, like an
 * `HTTPException`, Hono's own handler sends that response.
 * @see https://hono.dev/docs/api/exception
 */
function throwUnavailable(error: unknown, request: Request): never {
  const response = answerUnavailable(error, request);
  throw Object.assign(error as Error, { getResponse: () => response }); // `answerUnavailable` throws all others
}
