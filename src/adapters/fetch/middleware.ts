/** `imageSigner` over the fetch standard: a request in, the app's response out, with its pages signed. */
import type { Rewrite } from '../../http/rewrite-policy.ts';
import { type RequestHeaders, readRequestFields } from '../../http/validators.ts';
import { createInstance, type Instance, isSameInstance } from '../../response/instance.ts';
import { ResponsePolicy } from '../../response/policy.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { type Bytes, readWhole, resume, transcodeStream, transformStream } from './body.ts';
import { detectCoding, type EncodedBody } from './content-coding.ts';
import { FetchFields } from './header-fields.ts';
import { markProcessed, markRequest, processedBy, requestMarkOf } from './request-mark.ts';

/**
 * What answers a request: a site's own handler, or `fetch` itself for an origin behind a Worker. Hand on the request
 * that it is called with: conditional headers may have been removed from it.
 * @example
 * ```ts
 * const handler: FetchHandler = (request) => fetch(request);
 * ```
 */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchMiddleware(
  options: unknown,
): (request: Request, next: FetchHandler) => Promise<Response> {
  const instance = createInstance(options);
  let hasReported = false;
  const onSecondInstance = (second: Instance): void => {
    if (isSameInstance(second, instance)) return;
    if (!hasReported) second.reporter.report({ type: 'installed-twice' });
    hasReported = true;
  };
  function imageSignerMiddleware(request: Request, next: FetchHandler): Promise<Response> {
    return respond(request, next, instance, onSecondInstance);
  }
  return imageSignerMiddleware;
}

/** @param onSecondInstance - called with an instance further in, whose options hold */
async function respond(
  request: Request,
  next: FetchHandler,
  instance: Instance,
  onSecondInstance: (second: Instance) => void,
): Promise<Response> {
  const { root, conditions } = requestMarkOf(request);
  const headers: RequestHeaders = {};
  for (const name of readRequestFields) headers[name] = request.headers.get(name) ?? undefined;
  const given = { ...headers };
  Object.assign(headers, conditions);
  const received = { ...headers };
  const policy = createPolicy(request, headers, instance);
  const changed = readRequestFields.filter((name) => given[name] !== headers[name]);
  const replaced = readRequestFields.filter((name) => received[name] !== headers[name]);
  const mark = { root, conditions: Object.fromEntries(replaced.map((name) => [name, received[name]])) };
  const response = await next(
    changed.length > 0 ? markRequest(withFields(request, headers, changed), mark) : request,
  );
  const second = processedBy(response, root);
  if (second === undefined) return markProcessed(await rewrite(response, policy), instance, root);
  onSecondInstance(second);
  return response;
}

/** @param headers - the conditional fields among them may be changed */
function createPolicy(request: Request, headers: RequestHeaders, instance: Instance): ResponsePolicy {
  let inProgress: ResponseInProgress | undefined;
  let hasReportedError = false;
  return new ResponsePolicy(
    {
      request: { method: request.method, headers },
      skipArguments: [request],
      get inProgress() {
        inProgress ??= instance.core.beginResponse(instance.access, request);
        return inProgress;
      },
      reportInternalError() {
        if (!hasReportedError) instance.reporter.report({ type: 'passed', reason: 'internal-error' });
        hasReportedError = true;
      },
    },
    instance,
  );
}

/** Only conditional requests are changed, which have no body to carry over. */
function withFields(request: Request, fields: RequestHeaders, names: readonly string[]): Request {
  const headers = new Headers(request.headers);
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) headers.delete(name);
    else headers.set(name, String(value));
  }
  return new Request(request, { headers });
}

async function rewrite(response: Response, policy: ResponsePolicy): Promise<Response> {
  const isRewrittenType = policy.onContentType(response.headers.get('content-type') ?? '');
  if (!isRewrittenType && response.status !== 304) return response;
  if (response.bodyUsed || response.body?.locked) return response;
  const headers = new Headers(response.headers);
  const fields = new FetchFields(headers);
  const encoded = await detectCoding(response, headers);
  const decision = policy.decide(response.status, fields, encoded.coding !== 'unknown');
  const { status, statusText } = response;
  if (decision === undefined) {
    return encoded.body === response.body
      ? response
      : createResponse(encoded.body, { status, statusText, headers: response.headers }, encoded);
  }
  fields.remove('Content-Length');
  policy.onHeaders(fields);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const body = hasBody ? await rewriteBody(encoded, decision, policy) : null;
  return createResponse(body, { status, statusText, headers }, encoded);
}

/**
 * Workers compress a body themselves if its headers name a coding, unless the response says that it is encoded already:
 * https://developers.cloudflare.com/workers/runtime-apis/response/ (`encodeBody`). Other runtimes ignore the option.
 */
function createResponse(
  body: Bytes | ReadableStream<Bytes> | null,
  init: ResponseInit,
  { coding }: EncodedBody,
): Response {
  const workersInit = coding === undefined ? {} : { encodeBody: 'manual' };
  return new Response(body, { ...init, ...workersInit });
}

async function rewriteBody(
  { body, coding }: EncodedBody,
  decision: Rewrite,
  policy: ResponsePolicy,
): Promise<Bytes | ReadableStream<Bytes> | null> {
  if (body === null) return null;
  // For HEAD a runtime derives Content-Length from a body whose length it knows, and that is the app's body, not the
  // page as it is rewritten. A stream has no length.
  if (decision.body === undefined) return resume([], body.getReader());
  if (coding !== undefined && coding !== 'unknown')
    return transcodeStream(body, coding, decision.body, () => policy.onCorruptBody());
  const whole = await readWhole(body);
  return whole instanceof ReadableStream
    ? transformStream(whole, decision.body)
    : (decision.body.end(whole) as Bytes); // never over shared memory
}
