/** `writeHead` in all its forms: what it was given, and how that joins the headers that are set already. */
import { ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import type { GivenHeader, HeaderList } from './header-list.ts';

/** A call of `writeHead`, in any of its forms. */
export interface WriteHeadCall {
  readonly status: number;
  /** The reason phrase, if there is one. */
  readonly reason: readonly string[];
  readonly given: readonly GivenHeader[];
  /**
   * Whether Node sets what it is given, one after the other, on top of what is there: it does so once anything is
   * set. Else it takes the list as it is, and stores nothing.
   */
  readonly isMerged: boolean;
  /** Whether it came as a list, which may name a header twice. */
  readonly isList: boolean;
}

/**
 * @param hasSet - something has been set, though it may be gone again
 * @returns undefined for a call that Node is to refuse
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
  // HTTP/2 stores all of them in any case.
  const isOnTop = hasSet || response.getHeaderNames().length > 0 || isHttp2(response);
  const all = headers ?? (reason.length > 0 ? undefined : reasonOrHeaders);
  const given = readHeaders(all, !isOnTop || isHttp2(response));
  // What is set on top is judged as it is set; a list might lose the very header that Node refuses.
  if (given === undefined || (!isOnTop && !given.every(isValid))) return undefined;
  return { status, reason, given, isMerged: isOnTop, isList: Array.isArray(all) };
}

/** A status as Node takes it: `'200'` and 200.7 are 200. Undefined for what it refuses. */
export function parseStatus(code: unknown): number | undefined {
  const status = Number(code) | 0;
  return status >= 100 && status <= 999 ? status : undefined;
}

/** An object, a flat list or, where Node takes it, a list of pairs; undefined for a list that Node refuses. */
function readHeaders(headers: unknown, takesPairs: boolean): readonly GivenHeader[] | undefined {
  if (headers === undefined || headers === null) return [];
  if (!Array.isArray(headers)) return Object.entries(Object(headers) as object);
  if (takesPairs && Array.isArray(headers[0])) return headers as GivenHeader[]; // pairs, if the first one is
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
 * Sets what `writeHead` was given on top of what is there, as Node does.
 * @throws what Node throws for a header that it refuses; those before it are set then, and the status
 */
export function mergeHeaders(
  response: ServerResponse,
  setHeader: ServerResponse['setHeader'],
  { status, reason, given, isList }: WriteHeadCall,
): void {
  if (given.length === 0) {
    response.statusCode = status;
    return;
  }
  try {
    // Names that are there already move to the end, so that it shows even where none stands twice.
    const append = isList && (isHttp2(response) || appendsLists);
    if (append) for (const [name] of given) response.removeHeader(name as string);
    for (const [name, value] of given) {
      if (!name) continue; // as Node does
      // A copy of a list, to which Node would append.
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
 * Runs what looks at a response, `skip` say, as if what `writeHead` was given were set already. Node is to get it as it
 * came, so that it is not.
 */
export function withHeadersVisible(response: ServerResponse, given: HeaderList, look: () => void): void {
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
    look();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(response, name);
      else Object.defineProperty(response, name, descriptor);
    }
  }
}

/** Whether it is a response of `node:http2`, which stores what `writeHead` is given, and has no reason phrase. */
export function isHttp2(response: ServerResponse): boolean {
  return 'stream' in response && !('assignSocket' in response);
}

/** Of a list that names a header twice Node.js 20 keeps the last, later versions keep both; asked of Node itself. */
const appendsLists: boolean = (() => {
  const probe = new ServerResponse({ method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 } as never); // all that it reads
  probe.setHeader('x', '0');
  probe.writeHead(200, ['y', '1', 'y', '2']);
  return Array.isArray(probe.getHeader('y'));
})();
