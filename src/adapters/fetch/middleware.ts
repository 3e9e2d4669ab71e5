/** `imageSigner` over the fetch standard: a request in, the app's response out, with its pages signed. */
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Rewrite } from '../../http/rewrite-policy.ts';
import { type RequestHeaders, readRequestFields } from '../../http/validators.ts';
import { createInstance, type Instance, isSameInstance } from '../../response/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../response/policy.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import { Reporter } from '../../signer/events.ts';
import { type Bytes, readWhole, resume, transcodeStream, transformStream } from './body.ts';
import { detectCoding, type EncodedBody } from './content-coding.ts';
import { FetchFields } from './header-fields.ts';
import { markProcessed, markRequest, processedBy, requestMarkOf } from './request-mark.ts';
import { answerUnavailable } from './responses.ts';

/** Tied to the response that the handler is about to give; they throw as the signer's own methods do. */
export interface FetchHelpers {
  readonly signImage: (image: string, variant?: unknown, options?: unknown) => string;
  readonly signSrcset: (image: string, candidates?: unknown, options?: unknown) => string;
}

/** Gives the response to a request; frameworks over fetch call the handlers below. */
export type Next = (request: Request, helpers: FetchHelpers) => Response | Promise<Response>;

export interface Process {
  /** @param viewer - the framework's own object for the request, passed to `authorize` and `skip` */
  (request: Request, viewer: unknown, next: Next): Promise<Response>;
  /** Before each call: undefined if there is nothing to wait for. */
  ready(): Promise<void> | undefined;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createFetchMiddleware(options: unknown): (request: Request, next: Next) => Promise<Response> {
  const process = createProcess(options);
  function imageSignerMiddleware(request: Request, next: Next): Promise<Response> {
    const pending = process.ready();
    const run = (): Promise<Response> => process(request, request, next);
    return pending === undefined ? run() : pending.then(run, (error) => answerUnavailable(error, request));
  }
  return imageSignerMiddleware;
}

/**
 * The middleware of any framework over fetch.
 * @throws ImageSignerError INVALID_OPTION
 */
export function createProcess(options: unknown): Process {
  const instance = createInstance(options);
  let hasReported = false;
  const onSecondInstance = (second: Instance, request: Request): void => {
    if (isSameInstance(second, instance)) return;
    if (!hasReported) createReporter(second, request).report({ type: 'installed-twice' });
    hasReported = true;
  };
  const process = (request: Request, viewer: unknown, next: Next): Promise<Response> =>
    respond(request, viewer, next, instance, onSecondInstance);
  return Object.assign(process, { ready: () => instance.core.ready() });
}

/** @param onSecondInstance - called with an instance further in, whose options hold */
async function respond(
  request: Request,
  viewer: unknown,
  next: Next,
  instance: Instance,
  onSecondInstance: (second: Instance, request: Request) => void,
): Promise<Response> {
  const { root, conditions } = requestMarkOf(request);
  const headers: RequestHeaders = {};
  for (const name of readRequestFields) headers[name] = request.headers.get(name) ?? undefined;
  const given = { ...headers };
  Object.assign(headers, conditions);
  const received = { ...headers };
  const target = createTarget(request, viewer, headers, instance, (seconds) => policy.isKeptLonger(seconds));
  const policy = new ResponsePolicy(target, instance);
  const changed = readRequestFields.filter((name) => given[name] !== headers[name]);
  const replaced = readRequestFields.filter((name) => received[name] !== headers[name]);
  const mark = { root, conditions: Object.fromEntries(replaced.map((name) => [name, received[name]])) };
  const response = await next(
    changed.length > 0 ? markRequest(withFields(request, headers, changed), mark) : request,
    helpersOf(target),
  );
  const second = processedBy(response, root);
  if (second === undefined) {
    const sent = markProcessed(await rewrite(response, policy), instance, root);
    target.sentFields = new FetchFields(sent.headers);
    return sent;
  }
  onSecondInstance(second, request);
  return response;
}

/** @param headers - the policy may change the conditional fields among them */
function createTarget(
  request: Request,
  viewer: unknown,
  headers: RequestHeaders,
  instance: Instance,
  isKeptLonger: (seconds: number) => boolean,
): PolicyTarget & { sentFields: HeaderFields | undefined } {
  let inProgress: ResponseInProgress | undefined;
  let reporter: Reporter | undefined;
  let hasReportedError = false;
  return {
    request: { method: request.method, headers },
    skipArguments: [viewer],
    get inProgress() {
      inProgress ??= instance.core.beginResponse(instance.access, viewer, this.reporter, { isKeptLonger });
      return inProgress;
    },
    get reporter() {
      reporter ??= createReporter(instance, request);
      return reporter;
    },
    get shortestOwnTtl() {
      return inProgress?.signer.lifetimes.shortestOwnTtl ?? Infinity;
    },
    sentFields: undefined,
    reportInternalError() {
      if (!hasReportedError) this.reporter.report({ type: 'passed', reason: 'internal-error' });
      hasReportedError = true;
    },
  };
}

function createReporter({ access }: Instance, { method, url }: Request): Reporter {
  return new Reporter(access.report, { method, target: url });
}

function helpersOf(target: PolicyTarget): FetchHelpers {
  return {
    signImage: (image, variant, options) => target.inProgress.signer.signImage(image, variant, options),
    signSrcset: (image, candidates, options) =>
      target.inProgress.signer.signSrcset(image, candidates, options),
  };
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
  if (!isRewrittenType && response.status !== 304 && !policy.hasOwnTokens) return response;
  if (response.bodyUsed || response.body?.locked) return response;
  const headers = new Headers(response.headers);
  const fields = new FetchFields(headers);
  const encoded = isRewrittenType ? await detectCoding(response, headers) : notLookedInto(response);
  const decision = policy.decide(response.status, fields, encoded.coding !== 'unknown');
  const { status, statusText } = response;
  if (decision === undefined) {
    const passed =
      encoded.body === response.body
        ? response
        : createResponse(encoded.body, { status, statusText, headers: response.headers }, encoded);
    return policy.limitsPassthrough ? withLimits(passed, policy) : passed;
  }
  fields.remove('Content-Length');
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  // First the body, as far as it is there: a URL in it may have an expiry of its own, which the headers follow.
  const body = hasBody ? await rewriteBody(encoded, decision, policy) : null;
  policy.onHeaders(fields);
  return createResponse(body, { status, statusText, headers }, encoded);
}

/** The body of a response that is not a page. */
function notLookedInto({ body }: Response): EncodedBody {
  return { body: body as ReadableStream<Bytes> | null, coding: undefined };
}

/** A copy, since the headers of a response that `fetch` returned cannot be changed. It keeps what Workers know of the coding. */
function withLimits(response: Response, policy: ResponsePolicy): Response {
  const copy = new Response(response.body, response);
  policy.onHeaders(new FetchFields(copy.headers));
  return copy;
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
