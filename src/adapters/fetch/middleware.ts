/** `imageSigner` over the fetch standard: a request in, the app's response out, with its pages signed. */
import { isBrotli, isGzip, isNoText, isZlib, isZstd } from '../../http/magic-bytes.ts';
import type { Rewrite } from '../../http/rewrite-policy.ts';
import { type RequestHeaders, readFields } from '../../http/validators.ts';
import { createMount, isSameMount, type Mount } from '../../response/instance.ts';
import { ResponsePlan } from '../../response/policy.ts';
import type { ResponseInProgress } from '../../signer/core.ts';
import {
  type Bytes,
  type Reading,
  readWhole,
  recodeStream,
  resume,
  transformStream,
  type WebCoding,
} from './body.ts';
import { FetchFields } from './header-fields.ts';
import { judgedBy, judgeOf, standingOf, withStanding } from './request-mark.ts';

export type FetchHandler = (request: Request) => Response | Promise<Response>;

export function createFetchMiddleware(
  options: unknown,
): (request: Request, next: FetchHandler) => Promise<Response> {
  const mount = createMount(options);
  let hasReported = false;
  const heardOf = (later: Mount): void => {
    if (!hasReported && !isSameMount(later, mount)) later.reporter.tell({ type: 'mounted-again' });
    hasReported ||= !isSameMount(later, mount);
  };
  // A property's name: esbuild renames a function that is called as an export is.
  const { imageSigner } = {
    imageSigner: (request: Request, next: FetchHandler) => answer(request, next, mount, heardOf),
  };
  return imageSigner;
}

/** @param heardOf - told of a later mount, whose options hold */
async function answer(
  request: Request,
  next: FetchHandler,
  mount: Mount,
  heardOf: (later: Mount) => void,
): Promise<Response> {
  const { root, conditions } = standingOf(request);
  const headers: RequestHeaders = {};
  for (const name of readFields) headers[name] = request.headers.get(name) ?? undefined;
  const given = { ...headers };
  Object.assign(headers, conditions);
  const asCame = { ...headers };
  let inProgress: ResponseInProgress | undefined;
  let hasFault = false;
  const plan = new ResponsePlan(
    {
      request: { method: request.method, headers },
      skipArguments: [request],
      get inProgress() {
        inProgress ??= mount.core.beginResponse(mount.viewing, request);
        return inProgress;
      },
      reportFault() {
        if (!hasFault) mount.reporter.tell({ type: 'passed', reason: 'fault' });
        hasFault = true;
      },
    },
    mount,
  );
  const changed = readFields.filter((name) => given[name] !== headers[name]);
  const taken = readFields.filter((name) => asCame[name] !== headers[name]);
  const standing = { root, conditions: Object.fromEntries(taken.map((name) => [name, asCame[name]])) };
  const response = await next(
    changed.length > 0 ? withStanding(withFields(request, headers, changed), standing) : request,
  );
  const later = judgeOf(response, root);
  if (later === undefined) return judgedBy(await rewritten(response, plan), mount, root);
  heardOf(later);
  return response;
}

/** Conditions that are not ours are gone, or are the app's own again: such requests have no body. */
function withFields(request: Request, fields: RequestHeaders, names: readonly string[]): Request {
  const headers = new Headers(request.headers);
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) headers.delete(name);
    else headers.set(name, String(value));
  }
  return new Request(request, { headers });
}

async function rewritten(response: Response, plan: ResponsePlan): Promise<Response> {
  const isRewrittenType = plan.typeSet(response.headers.get('content-type') ?? '');
  if (!isRewrittenType && response.status !== 304) return response;
  if (response.bodyUsed || response.body?.locked) return response;
  const headers = new Headers(response.headers);
  const fields = new FetchFields(headers);
  const encoded = await readCoding(response, headers);
  const rewrite = plan.decide(response.status, fields, encoded.coding !== 'unknown');
  const { status, statusText } = response;
  if (rewrite === undefined) {
    return encoded.body === response.body
      ? response
      : createResponse(encoded.body, { status, statusText, headers: response.headers }, encoded);
  }
  fields.remove('Content-Length');
  plan.leaving(fields);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const body = hasBody ? await bodyOf(encoded, rewrite, plan) : null;
  return createResponse(body, { status, statusText, headers }, encoded);
}

/** Workers encode a body whose headers name a coding: one that is encoded already has to say so. */
function createResponse(
  body: Bytes | ReadableStream<Bytes> | null,
  init: ResponseInit,
  { coding }: Encoded,
): Response {
  const workers = coding === undefined ? {} : { encodeBody: 'manual' }; // of no meaning elsewhere
  return new Response(body, { ...init, ...workers });
}

interface Encoded {
  readonly body: ReadableStream<Bytes> | null;
  /** Undefined for one that is plain, whatever its headers say. */
  readonly coding: WebCoding | 'unknown' | undefined;
}

/** A `fetch` decodes bodies, and leaves the header that names the coding: the first bytes tell. */
async function readCoding(response: Response, headers: Headers): Promise<Encoded> {
  const body = response.body as ReadableStream<Bytes> | null;
  const name = headers.get('content-encoding')?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity' || body === null) return { body, coding: undefined };
  const reader = body.getReader();
  const read: Reading[] = [];
  let first: Uint8Array = new Uint8Array();
  let coding: WebCoding | 'unknown' | 'none' | undefined;
  while (coding === undefined) {
    const reading = reader.read();
    // A body that fails while its first bytes are read fails whoever reads it.
    const { done, value } = await reading.catch(() => ({ done: false, value: undefined }) as const);
    if (done && first.length === 0) return { body: null, coding: undefined };
    if (value?.length !== 0) read.push(reading);
    if (value !== undefined) first = first.length === 0 ? value : Buffer.concat([first, value]);
    coding = done || value !== undefined ? codingOf(name, first, done) : 'unknown';
  }
  if (coding === 'none') headers.delete('content-encoding');
  return { body: resume(read, reader), coding: coding === 'none' ? undefined : coding };
}

/**
 * @param isWhole - there are no more bytes
 * @returns `'none'` for a body that is plain; undefined where more bytes have to be seen
 */
function codingOf(
  name: string,
  first: Uint8Array,
  isWhole: boolean,
): WebCoding | 'unknown' | 'none' | undefined {
  const told = signsOf(name, first, isWhole) ?? (isWhole ? false : undefined);
  if (told !== true) return told === false ? 'none' : undefined;
  if (name === 'gzip' || name === 'x-gzip') return 'gzip';
  if (name !== 'deflate') return 'unknown';
  return isZlib(first) ? 'deflate' : 'deflate-raw';
}

/** Whether the body is in a coding of that name; undefined where more bytes have to be seen. */
function signsOf(name: string, first: Uint8Array, isWhole: boolean): boolean | undefined {
  if (name === 'gzip' || name === 'x-gzip') return isGzip(first);
  if (name === 'br') return isBrotli(first, isWhole);
  if (name === 'zstd') return isZstd(first);
  // What some servers call `deflate` lacks the header; of several codings, and of others, nothing is known.
  const hasHeader = isZlib(first);
  if (hasHeader === undefined && !isWhole) return undefined;
  return hasHeader === true || isNoText(first, isWhole);
}

async function bodyOf(
  { body, coding }: Encoded,
  rewrite: Rewrite,
  plan: ResponsePlan,
): Promise<Bytes | ReadableStream<Bytes> | null> {
  if (body === null) return null;
  // To HEAD a runtime gives the length of the body that is there, if it knows it: nobody knows that of the page.
  if (rewrite.body === undefined) return resume([], body.getReader());
  if (coding !== undefined && coding !== 'unknown')
    return recodeStream(body, coding, rewrite.body, () => plan.corrupt());
  const whole = await readWhole(body);
  return whole instanceof ReadableStream
    ? transformStream(whole, rewrite.body)
    : (rewrite.body.end(whole) as Bytes); // never over shared memory
}
