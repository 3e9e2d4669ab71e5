/**
 * Conditional requests over fetch: the app gets a copy without the conditions that would not hold for a signed page. The
 * request of most visitors has none, and reaches the app as it is.
 */
import {
  conditionalFields,
  type RequestHeaders,
  readRequestFields,
} from '../../http/conditional-requests.ts';
import type { Instance } from '../../pages/instance.ts';
import { Exchange } from './exchange.ts';
import { markRequest, type RequestMark, requestMarkOf } from './request-mark.ts';

export interface Begun {
  readonly exchange: Exchange;
  /** What the app gets. */
  readonly request: Request;
  /** As in `RequestMark`. */
  readonly root: Request;
}

export function beginExchange(request: Request, viewer: unknown, instance: Instance): Begun {
  const mark = requestMarkOf(request);
  if (mark !== undefined || isConditional(request)) return translate(request, viewer, instance, mark);
  return { exchange: new Exchange(request, noFields, viewer, instance), request, root: request };
}

const noFields: RequestHeaders = /* @__PURE__ */ Object.freeze({});

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
 * A copy with these fields. It takes the body of a QUERY along, unless middleware before us has read it: no request can be
 * made of one that has been read.
 */
function withFields(request: Request, fields: RequestHeaders, names: readonly string[]): Request {
  const headers = new Headers(request.headers);
  for (const name of names) {
    const value = fields[name];
    if (value === undefined) headers.delete(name);
    else headers.set(name, String(value));
  }
  const { method, url, signal } = request;
  const isRead = method === 'QUERY' && (request.bodyUsed || request.body?.locked === true);
  return isRead ? new Request(url, { method, headers, signal }) : new Request(request, { headers });
}
