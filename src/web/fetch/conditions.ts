/**
 * Conditional requests over fetch: the app gets a copy without conditions that do not hold for a signed page. Most requests have no
 * conditions, and reach the app unchanged.
 *
 * If `imageSigner` is installed twice, one call runs within the other, and the inner options apply. A mark on the request shows the
 * inner call the original conditions; a mark on the response shows the outer call that the response is already processed.
 */
import {
  conditionalFields,
  type RequestHeaders,
  readRequestFields,
} from '../../http/conditional-requests.ts';
import type { Instance } from '../../pages/instance.ts';
import { Exchange } from './exchange.ts';

interface Begun {
  readonly exchange: Exchange;
  /** The request that the app gets. */
  readonly request: Request;
  /** As in `RequestMark`. */
  readonly root: Request;
}

export function beginExchange(request: Request, viewer: unknown, instance: Instance): Begun {
  const mark = requestMarkOf(request);
  if (mark !== undefined || isConditional(request)) return translate(request, viewer, instance, mark);
  return { exchange: new Exchange(request, noFields, viewer, instance), request, root: request };
}

const noFields: RequestHeaders = Object.freeze({});

function isConditional({ headers }: Request): boolean {
  for (const name of conditionalFields) if (headers.has(name)) return true;
  return false;
}

function translate(
  request: Request,
  viewer: unknown,
  instance: Instance,
  { root, conditions }: RequestMark = { root: request, conditions: {} },
): Begun {
  const headers: RequestHeaders = {};
  for (const name of readRequestFields) headers[name] = request.headers.get(name) ?? undefined;
  const given = { ...headers };
  Object.assign(headers, conditions);
  const received = { ...headers };
  const exchange = new Exchange(request, headers, viewer, instance);
  exchange.policy; // changes the fields
  const changed = readRequestFields.filter((name) => given[name] !== headers[name]);
  if (changed.length === 0) return { exchange, request, root };
  const replaced = readRequestFields.filter((name) => received[name] !== headers[name]);
  const mark = { root, conditions: Object.fromEntries(replaced.map((name) => [name, received[name]])) };
  return { exchange, request: markRequest(withFields(request, headers, changed), mark), root };
}

/**
 * A copy with these fields. It includes the body of a QUERY, unless earlier middleware has read it. It is not made from the request
 * object itself, which `Request` accepts only if it is one: that of `@hono/node-server` may be another class.
 */
function withFields(request: Request, fields: RequestHeaders, names: readonly string[]): Request {
  const headers = new Headers(request.headers);
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) headers.delete(name);
    else headers.set(name, String(value));
  }
  const { method, url, signal, redirect } = request;
  const isRead = method !== 'QUERY' || request.bodyUsed || request.body?.locked === true;
  const body = isRead ? {} : { body: request.body, duplex: 'half' };
  const ofWorkers = 'cf' in request ? { cf: request.cf } : {};
  return new Request(url, { method, headers, signal, redirect, ...body, ...ofWorkers } as RequestInit);
}

/** Part of every mark: tells versions of the package in one process apart. */
const protocol = 1;
/** From the global registry, so that ESM and CommonJS copies of the package share it. */
const markSymbol: unique symbol = Symbol.for('image-signer.fetch') as never;

interface RequestMark {
  /**
   * The request that the outermost call received. If an app keeps a `Response` and returns it for another request, the root differs,
   * and the response is processed again.
   */
  readonly root: Request;
  /** The original values of the header fields that were changed. */
  readonly conditions: Readonly<Record<string, string | string[] | undefined>>;
}

interface Mark {
  readonly protocol: number;
}

type MarkedRequest = Request & { [markSymbol]?: RequestMark & Mark };
type MarkedResponse = Response & {
  [markSymbol]?: Mark & { readonly root: Request; readonly instance: Instance };
};

/** @returns undefined for a request that no call has changed: it is its own root */
function requestMarkOf(request: MarkedRequest): RequestMark | undefined {
  const found = request[markSymbol];
  return found?.protocol === protocol ? found : undefined;
}

/** @param copy - a request that we have created: the app's own are never marked */
function markRequest(copy: MarkedRequest, requestMark: RequestMark): Request {
  return mark(copy, requestMark);
}

export function markProcessed(response: MarkedResponse, instance: Instance, root: Request): Response {
  return mark(response, { root, instance });
}

/** @returns the instance that has processed this response to this request, or that another version has; undefined if none has */
export function processedBy(
  response: MarkedResponse,
  root: Request,
): Instance | 'another version' | undefined {
  const found = response[markSymbol];
  if (found !== undefined && found.protocol !== protocol) return 'another version';
  return found?.root === root ? found.instance : undefined;
}

/** A frozen message stays unmarked. */
function mark<Message extends object>(message: Message, value: object): Message {
  Reflect.set(message, markSymbol, { ...value, protocol });
  return message;
}
