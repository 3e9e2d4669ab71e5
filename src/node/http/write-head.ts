/**
 * `writeHead`, which sends the headers of a response: the forms of its arguments, how they are merged with headers that are already
 * set, and the last moment to change them.
 */
import { Writable } from 'node:stream';
import type { AnyMethod } from './body-arguments.ts';
import { ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from './node-http.ts';
import { hasSentHead, ResponseFields } from './response-fields.ts';

/** One header as the app has passed it. Node has not checked it yet, so name and value may be anything. */
type GivenHeader = readonly [name: unknown, value: unknown];

/** The arguments of one call. */
export interface WriteHeadCall {
  readonly status: number;
  /** The reason phrase, as a list of one or none. */
  readonly reason: readonly string[];
  readonly given: readonly GivenHeader[];
  /** Whether the headers came as a list, which may contain a name twice. */
  readonly isList: boolean;
}

/**
 * @param isAboveNodes - the call goes to Node's own method, which accepts pairs only if nothing is set yet; `on-headers` always does
 * @returns undefined for a call that Node refuses
 */
export function readWriteHead(
  response: ServerResponse,
  args: readonly unknown[],
  isAboveNodes = true,
): WriteHeadCall | undefined {
  const [code, reasonOrHeaders, headers] = args;
  const status = parseStatus(code);
  if (status === undefined || hasSentHead(response)) return undefined;
  const reason = typeof reasonOrHeaders === 'string' ? [reasonOrHeaders] : [];
  const phrase = isHttp2(response) ? undefined : (reason[0] ?? response.statusMessage);
  if (phrase && !isReason(phrase)) return undefined;
  const all = headers ?? (reason.length > 0 ? undefined : reasonOrHeaders);
  if (all === undefined || all === null) return { status, reason, given: [], isList: false }; // as Node itself calls it
  const hasSet = response.getHeaderNames().length > 0;
  const given = readHeaders(all, !isAboveNodes || !hasSet || isHttp2(response));
  // With other headers set, they are checked when they are merged, as in Node.
  if (given === undefined || (!hasSet && !given.every(isValid))) return undefined;
  return { status, reason, given, isList: Array.isArray(all) };
}

/** A reason phrase that Node accepts (RFC 9112, 4). */
function isReason(reason: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(reason);
}

/** The `Content-Type` among the headers of a call. */
export function typeIn({ given }: WriteHeadCall): unknown {
  return given.findLast(([name]) => typeof name === 'string' && name.toLowerCase() === 'content-type')?.[1];
}

/** A status as Node reads it: `'200'` and 200.7 are 200. Undefined for a status that Node refuses. */
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

const { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead } =
  ServerResponse.prototype;
/** The original methods: a package that patches Node's may expect a connection, which a probe does not have. */
const methods = { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead };

/** A response for trying out what this Node does: a version number would not reveal a backport. */
function createProbe(): ServerResponse {
  const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 }; // all that Node reads
  return Object.assign(new ServerResponse(request as never), methods);
}

/** Whether Node keeps both values of a name that a list contains twice, as it does from 22 on; undefined until it is needed. */
let isAppending: boolean | undefined;

function appendsLists(): boolean {
  if (isAppending !== undefined) return isAppending;
  const probe = createProbe();
  probe.setHeader('x', '0');
  probe.writeHead(200, ['y', '1', 'y', '2']);
  isAppending = Array.isArray(probe.getHeader('y'));
  return isAppending;
}

/** Whether Node's `end` sends corked chunks after the last one, as in version 22; undefined until it is needed. */
let isUncorkedTooLate: boolean | undefined;

/** Only for Node versions that need it: elsewhere uncorking would emit `drain` in the middle of `end`. */
export function uncorkBeforeEnd(response: ServerResponse): void {
  if (response.writableCorked === 0 || !uncorksTooLate()) return;
  while (response.writableCorked > 0) response.uncork();
}

function uncorksTooLate(): boolean {
  if (isUncorkedTooLate !== undefined) return isUncorkedTooLate;
  let sent = '';
  const socket = new Writable({
    write(chunk, _encoding, done) {
      sent += String(chunk);
      done();
    },
  });
  const probe = createProbe();
  probe.assignSocket(socket as never);
  probe.write('1');
  probe.cork();
  probe.write('2');
  probe.end();
  isUncorkedTooLate = !sent.endsWith('0\r\n\r\n');
  return isUncorkedTooLate;
}

/**
 * Sets the headers of a call on the response, merged as Node would merge them with those that are set.
 * @param setHeader - the response's own method, below any hook
 * @param isAboveNodes - as for `readWriteHead`: `on-headers` keeps both values of a name in all versions of Node
 * @throws Node's own error for a header that it refuses; the ones before it, and the status, are set by then
 */
export function mergeHeaders(
  response: ServerResponse,
  setHeader: ServerResponse['setHeader'],
  { status, reason, given, isList }: WriteHeadCall,
  isAboveNodes: boolean,
): void {
  if (given.length === 0) {
    response.statusCode = status;
    return;
  }
  const isOnTop = response.getHeaderNames().length > 0;
  // If nothing is set, Node sends both of two names in an object that differ only in case, such as `Vary` and `vary`.
  const appends = isList
    ? !isAboveNodes || !isOnTop || isHttp2(response) || appendsLists()
    : isAboveNodes && !isOnTop && !isHttp2(response);
  try {
    // Node removes names that are already set first, which moves them to the end, even if none occurs twice.
    if (appends) for (const [name] of given) response.removeHeader(name as string);
    for (const [name, value] of given) {
      if (!name) continue; // like Node
      // Copy a list value: Node would append to the app's own array.
      if (appends)
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

/** Whether this is a `node:http2` response, which has no reason phrase and stores the headers of `writeHead`. */
export function isHttp2(response: ServerResponse): boolean {
  return 'stream' in response && !('assignSocket' in response);
}

/** Calls a function when a response's headers are about to be sent; it may change them, as with the package on-headers. */
export function onHeaders(
  response: ServerResponse,
  change: (status: number, fields: ResponseFields) => void,
): void {
  const { setHeader } = response;
  const fields = new ResponseFields(response, setHeader);
  const undo = replaceMethod(response, 'writeHead', (writeHead) => (...args) => {
    const call = readWriteHead(response, args, false);
    if (call === undefined) return writeHead(...args);
    mergeHeaders(response, setHeader, call, false);
    const apply = (): void => change(call.status, fields);
    apply();
    // Listeners of middleware below run after ours, and may set more headers.
    const result = afterEachHeader(response, apply, () => writeHead(call.status, ...call.reason));
    undo(); // only now: if Node refuses a header, the error page still has to get here
    return result;
  });
}

/** Runs `run`, and `react` after every header that is set while it runs. */
export function afterEachHeader<T>(response: ServerResponse, react: () => void, run: () => T): T {
  const names = (['setHeader', 'appendHeader'] as const).filter((name) => name in response); // mocks lack the second
  const undo = names.map((name) =>
    replaceMethod(response, name, (previous) => (...args) => {
      const result = previous(...args);
      react();
      return result;
    }),
  );
  let isKeptBack = false;
  try {
    const result = run();
    isKeptBack = !hasSentHead(response); // a method below will send them later, and may set more until then
    return result;
  } finally {
    if (!isKeptBack) for (const each of undo) each();
  }
}

/**
 * Replaces a method of a response.
 * @param replacement - receives the previous method, bound to the response
 * @returns a function that restores the previous method, unless another one is above ours by then
 */
function replaceMethod(
  response: ServerResponse,
  name: 'writeHead' | 'setHeader' | 'appendHeader',
  replacement: (previous: AnyMethod) => AnyMethod,
): () => void {
  const methods = response as unknown as Record<typeof name, AnyMethod>;
  const previous = methods[name];
  const ours = replacement((...args) => previous.apply(response, args));
  methods[name] = ours;
  return () => {
    // Assign rather than delete: deleting a property makes every later use of the object slower.
    if (methods[name] === ours) methods[name] = previous;
  };
}
