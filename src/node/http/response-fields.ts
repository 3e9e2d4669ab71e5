/** The header fields that are set on a `ServerResponse`, and its trailers. */
import { type HeaderFields, isRepresentationMetadata } from '../../http/header-fields.ts';
import { ServerResponse } from './node-http.ts';

/** Reads Node's own `headersSent`: `@fastify/express` shadows it with one that stays false until Express sends the response. */
export function hasSentHead(response: ServerResponse): boolean {
  return response instanceof ServerResponse
    ? (Reflect.get(ServerResponse.prototype, 'headersSent', response) as boolean)
    : (response as ServerResponse).headersSent; // of HTTP/2, or a mock
}

/** Keyed by lower-case name: the name as the app wrote it, and the value. */
export type FieldsCopy = ReadonlyMap<string, readonly [written: string, value: unknown]>;

export class ResponseFields implements HeaderFields {
  readonly #response: ServerResponse;
  readonly #setHeader: ServerResponse['setHeader'];

  /** @param setHeader - the response's own method, below any hook */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader']) {
    this.#response = response;
    this.#setHeader = setHeader;
  }

  get(name: string): string | undefined {
    const value = this.#response.getHeader(name);
    return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
  }

  list(name: string): string[] {
    return toValues(this.#response.getHeader(name));
  }

  names(): string[] {
    return this.#response.getHeaderNames();
  }

  set(name: string, value: string | string[]): void {
    this.#setHeader.call(this.#response, name, value);
  }

  remove(name: string): void {
    // Removing a header that is not set tells Node never to add it: Content-Length, for example.
    if (this.#response.getHeader(name) !== undefined) this.#response.removeHeader(name);
  }

  copy(): FieldsCopy {
    let names = this.names();
    try {
      // Every outgoing message has the method; Node's types declare it for requests only.
      names = (this.#response as unknown as { getRawHeaderNames(): string[] }).getRawHeaderNames();
    } catch {
      // A mock, such as one of node-mocks-http: in Express it inherits the method, but lacks the fields that it reads.
    }
    return new Map(names.map((name) => [name.toLowerCase(), [name, this.#response.getHeader(name)]]));
  }

  putBack(before: FieldsCopy): void {
    for (const name of this.names()) if (!before.has(name)) this.remove(name);
    for (const [name, [written, value]] of before)
      if (this.#response.getHeader(name) !== value) this.set(written, value as string); // of the same response
  }
}

/** The headers of a `writeHead` call that Node sends unchanged without storing them. They are read-only. */
export function fieldsOf(given: readonly (readonly [name: unknown, value: unknown])[]): HeaderFields {
  const nameOf = (each: unknown): string => String(each).toLowerCase();
  const list = (name: string): string[] =>
    given.flatMap(([each, value]) => (nameOf(each) === name.toLowerCase() ? toValues(value) : []));
  const get = (name: string): string | undefined =>
    list(name).length > 0 ? list(name).join(', ') : undefined;
  return { get, list, names: () => given.map(([name]) => nameOf(name)), set() {}, remove() {} };
}

/** A header value of any type as a list of strings. */
export function toValues(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/**
 * Removes digests of the original body from trailers.
 * @param trailers - an object or a list of pairs, as for `addTrailers`. Anything else is left for Node to refuse.
 * @returns the same value if nothing was removed
 */
export function withoutMetadata(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  const pairs: readonly unknown[] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
  const kept = pairs.filter((pair) => !Array.isArray(pair) || !isRepresentationMetadata(pair[0]));
  if (kept.length === pairs.length) return trailers;
  return Array.isArray(trailers) ? kept : Object.fromEntries(kept as [string, unknown][]); // entries of an object are pairs
}
