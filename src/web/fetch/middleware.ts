/** `imageSigner` over the fetch standard: a request in, the app's response out, with its pages signed. */
import { kindOf } from '../../http/eligibility.ts';
import type { BodyWatch } from '../../http/rewrite-policy.ts';
import { isWorker } from '../../options/default-report.ts';
import { signsLocation } from '../../pages/headers.ts';
import { createInstance, type Instance, isSameInstance } from '../../pages/instance.ts';
import { bindHelpers, type RequestHelpers } from '../../signer/request-helpers.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { calledByAnother } from '../../validation/caller.ts';
import { transformStream } from './body.ts';
import { beginExchange, markProcessed, processedBy } from './conditions.ts';
import { answerUnavailable } from './endpoint.ts';
import { createReporter, type Exchange } from './exchange.ts';
import { rewrite } from './rewrite.ts';

/** Returns the response to a request; frameworks over fetch use the middleware below. */
export type Next = (request: Request, helpers: RequestHelpers) => Response | Promise<Response>;

/** One call of the middleware, before the app has responded. */
export interface Call {
  /** The app's request, without conditions that do not hold for a signed page. */
  readonly request: Request;
  /** Bound to the response that the handler is about to return. */
  readonly helpers: RequestHelpers;
  /**
   * Called with the app's response.
   * @returns the response to send: the same one, synchronously, if it is not a page
   */
  finish(response: Response): Response | Promise<Response>;
  /**
   * Called after other middleware has changed the finished response. Applies our limits again, if there are any.
   * @returns the same response, or a copy if its headers cannot be changed
   */
  limitAgain(response: Response): Response;
}

interface FetchInstall {
  /** @param viewer - the framework's own object for the request, passed to `authorize` and `skip` */
  begin(request: Request, viewer: unknown): Call;
  /** Call it before every request; undefined if there is nothing to wait for. */
  ready(): Promise<void> | undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchMiddleware(options: unknown): (request: Request, next: Next) => Promise<Response> {
  const install = createFetchInstall(options);
  async function imageSignerMiddleware(request: Request, next: Next): Promise<Response> {
    if (typeof next !== 'function' || !('clone' in request))
      throw calledByAnother(
        'imageSigner',
        'image-signer/fetch',
        'a Request and a function that answers it',
        request,
      );
    const pending = install.ready();
    if (pending !== undefined) {
      try {
        await pending;
      } catch (error) {
        return answerUnavailable(error, request);
      }
    }
    const call = install.begin(request, request);
    return call.finish(await next(call.request, call.helpers));
  }
  return imageSignerMiddleware;
}

/**
 * The middleware of any framework over fetch.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createFetchInstall(options: unknown): FetchInstall {
  const instance = createInstance(options);
  let hasReported = false;
  return {
    begin(received, viewer) {
      const { exchange, request, root } = beginExchange(received, viewer, instance);
      const finish = (response: Response): Response | Promise<Response> => {
        const second = processedBy(response, root);
        if (second === 'another version') return response; // which has signed it
        if (second !== undefined) {
          // The inner middleware was installed later: its options apply.
          const isReported = hasReported || isSameInstance(second, instance);
          if (!isReported) createReporter(second, received).report({ type: 'installed-twice' });
          hasReported ||= !isReported;
          return response;
        }
        const send = (sent: Response): Response => {
          exchange.noteSent(sent);
          return markProcessed(sent, instance, root);
        };
        const isPage = kindOf(typeOf(response), instance.configuration) !== undefined;
        // A 304 has no type, and may be about a page. If the app has signed an image, any response is limited.
        const isPlain = exchange.shortestOwnTtl === Infinity && !exchange.isPersonal;
        const { status } = response;
        if (!isPage && status !== 304 && isPlain && !signsLocation(instance, status))
          return send(watch(response, exchange, instance));
        const failure = readFailure(response);
        if (failure !== undefined) {
          exchange.reportFailure(failure);
          return response;
        }
        return rewrite(response, exchange).then(send);
      };
      const limitAgain = (response: Response): Response => exchange.limitAgain(response);
      return { request, helpers: bindHelpers(exchange), finish, limitAgain };
    },
    ready: () => instance.core.ready(),
  };
}

/**
 * In development, watches a text that is not rewritten. Not in Workers, which know the length of a body, but send no `Content-Length`
 * if we read it on its way.
 */
function watch(response: Response, exchange: Exchange, { unreadTypes }: Instance): Response {
  if (unreadTypes === undefined || isWorker()) return response;
  const body = exchange.policy.watchOf(typeOf(response));
  return body === undefined ? response : watched(response, body);
}

function typeOf({ headers }: Response): string {
  return headers.get('content-type') ?? '';
}

/**
 * `@hono/node-server` has its own `Response`, which creates a real one when its body is read, and fails to if the app has frozen it. If
 * the response is not a page, read only its headers: creating a real response takes several times as long as sending JSON.
 * @returns what reading the body throws, if it does
 */
function readFailure(response: Response): unknown {
  try {
    if (!withoutBody.has(response.status)) response.body;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The statuses that the standard allows no body. A server that creates one anyway fails when its body is read. */
const withoutBody: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * Shows a watch a body that is not rewritten, without delaying it.
 * @returns the response itself, or one whose body the watch sees when it is read
 */
function watched(response: Response, watch: BodyWatch): Response {
  if (withoutBody.has(response.status) || response.bodyUsed || response.body === null || response.body.locked)
    return response;
  const watching: BodyTransform = {
    write(chunk) {
      if (ArrayBuffer.isView(chunk)) watch.write(chunk); // an app's stream may contain anything
      return chunk;
    },
    end() {
      watch.end();
      return nothing;
    },
  };
  return new Response(transformStream(response.body.getReader(), watching), response);
}

const nothing: Uint8Array = new Uint8Array();
