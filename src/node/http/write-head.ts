/**
 * `writeHead`, by which the headers of a response go out: its arguments in all their forms, how Node merges them with the headers
 * that are set, and the last moment to change them.
 */

import { type OnStreamHeaders, watchStreamHeaders } from './http2-stream.ts';
import { appendsLists } from './node-behaviour.ts';
import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from './node-http.ts';
import { type AnyMethod, replaceMethod } from './replaced-methods.ts';
import { type GivenHeader, HeaderList, ResponseFields, toValues } from './response-fields.ts';

/** The arguments of one call. */
export interface WriteHeadCall {
  readonly status: number;
  /** The reason phrase, as a list of one or none. */
  readonly reason: readonly string[];
  readonly given: readonly GivenHeader[];
  /**
   * Whether Node merges the given headers with those that are set, as it does once any header has been set. Otherwise
   * it sends the given headers as they are, and stores none of them.
   */
  readonly isMerged: boolean;
  /** Whether the headers came as a list, which may contain a name twice. */
  readonly isList: boolean;
}

/**
 * @param hasSet - a header has been set on the response, though it may have been removed again
 * @returns undefined for a call that Node refuses
 */
export function readWriteHead(
  response: ServerResponse,
  args: readonly unknown[],
  hasSet: boolean,
): WriteHeadCall | undefined {
  const [code, reasonOrHeaders, headers] = args;
  const status = parseStatus(code);
  if (status === undefined || response.headersSent) return undefined;
  const reason = typeof reasonOrHeaders === 'string' ? [reasonOrHeaders] : [];
  // HTTP/2 stores the headers in any case.
  const isOnTop = hasSet || response.getHeaderNames().length > 0 || isHttp2(response);
  const all = headers ?? (reason.length > 0 ? undefined : reasonOrHeaders);
  const given = readHeaders(all, !isOnTop || isHttp2(response));
  // Merged headers are checked as they are set. In a list, our changes might remove the header that Node refuses.
  if (given === undefined || (!isOnTop && !given.every(isValid))) return undefined;
  return { status, reason, given, isMerged: isOnTop, isList: Array.isArray(all) };
}

/** A status as Node reads it: `'200'` and 200.7 are 200. Undefined for one that Node refuses. */
export function parseStatus(code: unknown): number | undefined {
  const status = Number(code) | 0;
  return status >= 100 && status <= 999 ? status : undefined;
}

/** Reads an object, a flat list or, if Node accepts it, a list of pairs; undefined for a list that Node refuses. */
function readHeaders(headers: unknown, takesPairs: boolean): readonly GivenHeader[] | undefined {
  if (!Array.isArray(headers)) return Object.entries(Object(headers) as object);
  if (takesPairs && Array.isArray(headers[0])) return headers as GivenHeader[]; // like Node, by the first item
  if (headers.length % 2 !== 0) return undefined;
  return Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i], headers[2 * i + 1]] as const);
}

function isValid([name, value]: GivenHeader): boolean {
  try {
    validateHeaderName(name as string);
    for (const each of [value].flat()) validateHeaderValue(name as string, each as string);
    return true;
  } catch {
    return false;
  }
}

/**
 * Merges the headers of a call with those that are set, as Node does.
 * @param appends - a name that is twice in a list is kept twice, as the package on-headers does for all versions of Node
 * @throws Node's own error for a header that it refuses; the ones before it, and the status, are set by then
 */
export function mergeHeaders(
  response: ServerResponse,
  setHeader: ServerResponse['setHeader'],
  { status, reason, given, isList }: WriteHeadCall,
  appends: boolean,
): void {
  if (given.length === 0) {
    response.statusCode = status;
    return;
  }
  try {
    // Node removes names that are already set first, which moves them to the end, even if none occurs twice.
    const append = isList && (appends || isHttp2(response) || appendsLists());
    if (append) for (const [name] of given) response.removeHeader(name as string);
    for (const [name, value] of given) {
      if (!name) continue; // as Node does
      // A copy of a list value: Node would append to the app's own.
      if (append)
        response.appendHeader(name as string, Array.isArray(value) ? [...value] : (value as string));
      else setHeader.call(response, name as string, value as string);
    }
    response.statusCode = status;
  } catch (error) {
    response.statusCode = status;
    if (!isHttp2(response))
      response.statusMessage = reason[0] ?? (response.statusMessage || (STATUS_CODES[status] ?? 'unknown'));
    throw error;
  }
}

/**
 * Temporarily makes `getHeader()` and its kin see the headers passed to `writeHead()`, while the app's `skip` runs. They
 * are not really set: Node must receive the original arguments.
 */
export function withHeadersVisible<Result>(
  response: ServerResponse,
  given: HeaderList,
  run: () => Result,
): Result {
  const methods = {
    getHeader: (name: string) => given.get(name),
    hasHeader: (name: string) => given.get(name) !== undefined,
    getHeaderNames: () => given.names(),
    getHeaders: () => Object.fromEntries(given.names().map((name) => [name, given.get(name)])),
  };
  const before = Object.keys(methods).map(
    (name) => [name, Object.getOwnPropertyDescriptor(response, name)] as const,
  );
  Object.assign(response, methods);
  try {
    return run();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(response, name);
      else Object.defineProperty(response, name, descriptor);
    }
  }
}

/** Whether it is a response of `node:http2`, which has no reason phrase and stores the headers of `writeHead`. */
export function isHttp2(response: ServerResponse): boolean {
  // The prototype is one object for all responses, which V8 looks up at once, unlike what each message of Express lacks.
  const prototype = Object.getPrototypeOf(response) as object | null;
  if (prototype !== null && 'assignSocket' in prototype) return false;
  return 'stream' in response && !('assignSocket' in response);
}

/**
 * Calls a function when a response's headers go out, which may change them (as the package on-headers does); also for those
 * that an app sends by the stream of HTTP/2.
 */
export function onHeaders(response: ServerResponse, change: OnStreamHeaders): void {
  const { setHeader } = response;
  if (isHttp2(response)) watchStreamHeaders(response, change);
  const undo = replaceMethod(response, 'writeHead', (writeHead) => (...args) => {
    const call = readWriteHead(response, args, false);
    if (call === undefined) return writeHead(...args);
    const { status, reason, given, isMerged } = call;
    // A list stays a list: merged into the headers, a name that is in it twice would go out once.
    const list = new HeaderList(given);
    if (isMerged) mergeHeaders(response, setHeader, call, false);
    change(status, isMerged ? new ResponseFields(response, setHeader) : list);
    // Listeners of a middleware above run after ours, and may set more.
    const result = afterEachHeader(
      response,
      (name, value) => {
        // They get our list, and set what is in it before anything else.
        if (!isMerged && toValues(value).every((each) => list.list(name).includes(each))) return;
        change(status, new ResponseFields(response, setHeader));
      },
      () => writeHead(status, ...reason, ...(isMerged ? [] : [list.flat()])),
    );
    undo(); // only now: if Node refuses a header, the error page still has to get here
    return result;
  });
}

/** Calls a function when the headers of a response go out that the app pushes with this one of HTTP/2. */
export function watchPushResponses(response: ServerResponse, change: OnStreamHeaders): void {
  const target = response as unknown as { createPushResponse?: AnyMethod };
  const { createPushResponse } = target;
  if (createPushResponse === undefined) return; // of a mock
  target.createPushResponse = (headers, callback) => {
    const call: AnyMethod = (error, pushed) => {
      if (pushed !== undefined) onHeaders(pushed as ServerResponse, change);
      return (callback as AnyMethod)(error, pushed);
    };
    return createPushResponse.call(response, headers, typeof callback === 'function' ? call : callback);
  };
}

/** Runs `run`, and `react` after every header that is set while it runs. */
function afterEachHeader<T>(
  response: ServerResponse,
  react: (name: string, value: unknown) => void,
  run: () => T,
): T {
  const names = (['setHeader', 'appendHeader'] as const).filter((name) => name in response); // mocks lack the second
  const undo = names.map((name) =>
    replaceMethod(response, name, (previous) => (...args) => {
      const result = previous(...args);
      react(String(args[0]), args[1]);
      return result;
    }),
  );
  try {
    return run();
  } finally {
    for (const each of undo) each();
  }
}
