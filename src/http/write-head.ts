/** `writeHead` in all its forms: what it was given, and how that joins the headers that are set already. */
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { HeaderList } from './header-fields.ts';

/** A call of `writeHead`, in any of its forms. */
export interface WriteHeadCall {
  readonly status: number;
  /** The reason phrase, if there is one. */
  readonly reason: readonly string[];
  readonly given: HeaderList;
}

/** @returns undefined for a call that Node is to refuse */
export function readWriteHead(response: ServerResponse, args: readonly unknown[]): WriteHeadCall | undefined {
  const [code, reasonOrHeaders, headers] = args;
  const status = statusOf(code);
  const reason = typeof reasonOrHeaders === 'string' ? [reasonOrHeaders] : [];
  const given = readHeaders(headers ?? (reason.length > 0 ? undefined : reasonOrHeaders));
  return status === undefined || given === undefined || response.headersSent
    ? undefined
    : { status, reason, given };
}

/** A status as Node takes it: `'200'` and 200.7 are 200. Undefined for what it refuses. */
export function statusOf(code: unknown): number | undefined {
  const status = Number(code) | 0;
  return status >= 100 && status <= 999 ? status : undefined;
}

/** An object, a flat list or a list of pairs; undefined for anything else. */
function readHeaders(headers: unknown): HeaderList | undefined {
  if (headers === undefined || headers === null) return [];
  if (typeof headers !== 'object') return undefined;
  if (!Array.isArray(headers)) return Object.entries(headers as Record<string, OutgoingHttpHeader>);
  const flat: unknown[] = headers.every(Array.isArray) ? headers.flat(1) : headers;
  if (flat.length % 2 !== 0) return undefined;
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([String(flat[i]), flat[i + 1] as OutgoingHttpHeader]);
  return pairs;
}

/** Sets what `writeHead` was given, as Node does: each name anew, and a name that comes twice with both values. */
export function mergeHeaders(
  response: ServerResponse,
  setHeader: ServerResponse['setHeader'],
  given: HeaderList,
): void {
  const values = new Map<string, [name: string, value: OutgoingHttpHeader]>();
  for (const [name, value] of given) {
    const key = name.toLowerCase();
    const before = values.get(key)?.[1];
    // A list of our own: the app's may serve every response.
    values.set(key, [name, before === undefined ? value : [before, value].flat().map(String)]);
  }
  for (const [name, value] of values.values()) if (name !== '') setHeader.call(response, name, value);
}

/** @returns how to put the headers back as they are now */
export function saveHeaders(response: ServerResponse, setHeader: ServerResponse['setHeader']): () => void {
  const saved = rawHeaderNames(response).map((name) => [name, response.getHeader(name)!] as const); // set, as listed
  return () => {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value] of saved) setHeader.call(response, name, value);
  };
}

/** In the author's case. Every outgoing message has the method; the types name it for requests alone. */
function rawHeaderNames(response: ServerResponse & { getRawHeaderNames?: () => string[] }): string[] {
  return response.getRawHeaderNames?.() ?? response.getHeaderNames();
}
