/** The header fields of a message, as the other rooms read and write them; and those of a `ServerResponse`. */
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

export interface HeaderFields {
  /** The field's value, several joined by commas. */
  get(name: string): string | undefined;
  /** Each value of the field, as it was set. */
  list(name: string): string[];
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}

/** @param setHeader - the response's own, below any replacement */
export function fieldsOf(response: ServerResponse, setHeader: ServerResponse['setHeader']): HeaderFields {
  return {
    get: (name) => joined(response.getHeader(name)),
    list: (name) => listed(response.getHeader(name)),
    set: (name, value) => void setHeader.call(response, name, value),
    // Removing what is not there would tell Node never to add it: a length, say.
    remove: (name) => void (response.hasHeader(name) && response.removeHeader(name)),
  };
}

/** Headers as `writeHead` takes them: pairs in order. */
export type HeaderList = readonly (readonly [name: string, value: OutgoingHttpHeader])[];

/** The fields as they are once `writeHead` has set these as well; to read alone. */
export function fieldsWith(fields: HeaderFields, given: HeaderList): HeaderFields {
  const valuesOf = (name: string): string[] | undefined => {
    const own = given.filter(([each]) => each.toLowerCase() === name.toLowerCase());
    return own.length === 0 ? undefined : own.flatMap(([, value]) => listed(value));
  };
  return {
    get: (name) => valuesOf(name)?.join(', ') ?? fields.get(name),
    list: (name) => valuesOf(name) ?? fields.list(name),
    set: fields.set,
    remove: fields.remove,
  };
}

/** A call of `writeHead`, in any of its forms. */
export interface WriteHeadCall {
  readonly status: number;
  /** The reason phrase, if there is one. */
  readonly reason: readonly string[];
  readonly given: HeaderList;
}

/** @returns undefined for a call that Node is to refuse */
export function readWriteHead(response: ServerResponse, args: readonly unknown[]): WriteHeadCall | undefined {
  const [status, ...rest] = args;
  const reason = typeof rest[0] === 'string' ? [rest[0]] : [];
  const given = readHeaders(reason.length > 0 ? rest[1] : (rest[0] ?? rest[1]));
  if (given === undefined || response.headersSent || typeof status !== 'number') return undefined;
  return Number.isInteger(status) && status >= 100 && status <= 999 ? { status, reason, given } : undefined;
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
  const seen = new Set<string>();
  for (const [name, value] of given) {
    const key = name.toLowerCase();
    if (name === '') continue;
    if (seen.has(key)) response.appendHeader(name, value as string | string[]);
    else setHeader.call(response, name, value);
    seen.add(key);
  }
}

function joined(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
}

function listed(value: OutgoingHttpHeader | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
