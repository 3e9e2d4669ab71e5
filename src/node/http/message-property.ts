/**
 * Reads properties of messages of Express. It sets the prototype of each request and response, and then adds a property: up to
 * Node.js 22 each of them has a hidden class of its own after that, for which V8's inline caches miss. `message.name` then takes a
 * third of a microsecond, a call of `message.method()` half of one, and `Reflect.get`, which asks no inline cache, a sixth of it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

/** From Node.js 24 on, the messages of an app have one hidden class. */
const missesCaches = /* @__PURE__ */ Number.parseInt(process.versions.node, 10) < 24;

/** For what is read of pages. What each response pays has a function of its own, with an inline cache where there is one. */
export function propertyOf<Message extends object, Name extends keyof Message>(
  message: Message,
  name: Name,
): Message[Name] {
  return Reflect.get(message, name) as Message[Name];
}

export function requestOf(response: ServerResponse): IncomingMessage | undefined {
  return missesCaches ? propertyOf(response, 'req') : response.req;
}

/** What Node.js knows of a request's body. */
export function bodyStateOf(request: { readonly _readableState?: unknown }): unknown {
  return missesCaches ? propertyOf(request, '_readableState') : request._readableState;
}

export function rawHeadersOf(request: {
  readonly rawHeaders?: readonly string[];
}): readonly string[] | undefined {
  return missesCaches ? propertyOf(request, 'rawHeaders') : request.rawHeaders;
}

/** The response that Express has put on its request. */
export function expressResponseOf(request: { readonly res?: ServerResponse }): ServerResponse | undefined {
  return missesCaches ? propertyOf(request, 'res') : request.res;
}

export function localsOf<Locals>(response: { readonly locals?: Locals }): Locals | undefined {
  return missesCaches ? propertyOf(response, 'locals') : response.locals;
}

export function writeHeadOf(response: { readonly writeHead?: unknown }): unknown {
  return missesCaches ? propertyOf(response, 'writeHead') : response.writeHead;
}
