/**
 * The fields of a `ServerResponse`, in their three forms: headers that are set, headers that only `writeHead` is called with,
 * and trailers.
 */
import type { OutgoingHttpHeader } from 'node:http';
import { type HeaderFields, isRepresentationMetadata } from '../../http/header-fields.ts';
import { propertyOf } from './message-property.ts';
import { ServerResponse } from './node-http.ts';

/** The headers that are set. */
export class ResponseFields implements HeaderFields {
  readonly #response: ServerResponse;
  readonly #setHeader: ServerResponse['setHeader'];
  /** The old values of whatever was changed, with their names in the app's own case. */
  #before: Map<string, readonly [written: string, value: OutgoingHttpHeader | undefined]> | undefined;
  readonly #canRevert: boolean;

  /**
   * @param setHeader - the response's own method, below any hook
   * @param canRevert - false spares the old values, where nothing can refuse the new ones
   */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader'], canRevert = true) {
    this.#canRevert = canRevert;
    this.#response = response;
    this.#setHeader = setHeader;
  }

  get(name: string): string | undefined {
    return joined(this.#value(name));
  }

  list(name: string): string[] {
    return toValues(this.#value(name));
  }

  names(): string[] {
    return propertyOf(this.#response, 'getHeaderNames').call(this.#response);
  }

  set(name: string, value: string | string[]): void {
    this.#note(name);
    this.#setHeader.call(this.#response, name, value);
  }

  remove(name: string): void {
    // Removing a header that is not set tells Node never to add it: Content-Length, for example.
    if (this.#value(name) === undefined) return;
    this.#note(name);
    this.#response.removeHeader(name);
  }

  /** Undoes every change that was made through this object. */
  revert(): void {
    for (const [name, value] of this.#before?.values() ?? []) {
      if (value === undefined) this.#response.removeHeader(name);
      else this.#setHeader.call(this.#response, name, value);
    }
    this.#before = undefined;
  }

  #value(name: string): OutgoingHttpHeader | undefined {
    return propertyOf(this.#response, 'getHeader').call(this.#response, name);
  }

  #note(name: string): void {
    if (!this.#canRevert) return;
    const lowerCase = name.toLowerCase();
    if (this.#before?.has(lowerCase)) return;
    const value = this.#value(name);
    this.#before ??= new Map();
    this.#before.set(lowerCase, [value === undefined ? name : writtenName(this.#response, name), value]);
  }
}

/** What Node.js sends: an app may have a method of its own, which leaves some out. */
const { getHeaderNames: nodesGetHeaderNames } = ServerResponse.prototype;

/**
 * For code that calls nothing of the app: the names are read once, and a header that is not set, as most that are asked for, costs
 * no look at the response.
 */
export class FieldsOfReadNames extends ResponseFields {
  readonly #response: ServerResponse;
  #names: string[] | undefined;

  /** @param setHeader - as there */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader']) {
    super(response, setHeader, false);
    this.#response = response;
  }

  override get(name: string): string | undefined {
    return this.#has(name) ? super.get(name) : undefined;
  }

  override list(name: string): string[] {
    return this.#has(name) ? super.list(name) : [];
  }

  override names(): string[] {
    this.#names ??= nodesGetHeaderNames.call(this.#response);
    return this.#names;
  }

  override set(name: string, value: string | string[]): void {
    super.set(name, value);
    if (!this.#has(name)) this.#names = [...this.names(), name.toLowerCase()];
  }

  override remove(name: string): void {
    super.remove(name);
    this.#names = undefined;
  }

  #has(name: string): boolean {
    return this.names().includes(name.toLowerCase());
  }
}

/** The name of a header that is set, in the app's own case. */
function writtenName(response: ServerResponse, name: string): string {
  const lowerCase = name.toLowerCase();
  try {
    // Every outgoing message has the method; Node's types declare it for requests only.
    const names = (response as { getRawHeaderNames?(): string[] }).getRawHeaderNames?.();
    return names?.find((each) => each.toLowerCase() === lowerCase) ?? name;
  } catch {
    return name; // of a mock such as those of node-mocks-http: in Express it inherits the method, but not what that reads
  }
}

function joined(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
}

/** One header as the app has passed it. Node has not checked it yet, so name and value may be anything. */
export type GivenHeader = readonly [name: unknown, value: unknown];

/** The headers that `writeHead` is called with, which are a list, and not set on the response. */
export class HeaderList implements HeaderFields {
  #list: readonly GivenHeader[];

  constructor(list: readonly GivenHeader[]) {
    this.#list = list;
  }

  get(name: string): string | undefined {
    const values = this.list(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  list(name: string): string[] {
    return this.#list.flatMap((each) => (isNamed(each, name) ? toValues(each[1]) : []));
  }

  names(): string[] {
    return [...new Set(this.#list.map(([name]) => String(name).toLowerCase()))];
  }

  set(name: string, value: string | string[]): void {
    const first = this.#list.findIndex((each) => isNamed(each, name));
    if (first < 0) this.#list = [...this.#list, [name, value]];
    else
      this.#list = this.#list.flatMap((each, index) =>
        index === first ? [[each[0], value]] : isNamed(each, name) ? [] : [each],
      );
  }

  remove(name: string): void {
    this.#list = this.#list.filter((each) => !isNamed(each, name));
  }

  /** Each name in its first spelling, with its value or, if there are several, all of them. */
  byName(): (readonly [name: string, value: string | string[]])[] {
    return this.names().map((name) => {
      const [written] = this.#list.find((each) => isNamed(each, name)) ?? [name];
      const values = this.list(name);
      return [String(written), values.length === 1 ? values[0]! : values];
    });
  }

  /** The form that `writeHead` takes: name, value, name, value. */
  flat(): unknown[] {
    return this.#list.flatMap((pair) => pair.slice(0, 2)); // Node takes longer "pairs", and reads two items
  }
}

function isNamed([name]: GivenHeader, other: string): boolean {
  return (
    typeof name === 'string' && name.length === other.length && name.toLowerCase() === other.toLowerCase()
  );
}

/** A header value of whatever type as a list of strings. */
export function toValues(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}

/** The response's own method for adding trailers. */
export type AddTrailers = (trailers: unknown) => unknown;

/** Trailers of a response that may be rewritten: digests of the old body are withheld once it is. */
export class Trailers {
  readonly #isHttp2: boolean;
  /** Adds the withheld trailers after all, if the response is not rewritten. */
  #withheld: (() => void)[] = [];

  /** @param isHttp2 - trailers of several calls add up; in HTTP/1.1 the last call replaces the others */
  constructor(isHttp2: boolean) {
    this.#isHttp2 = isHttp2;
  }

  add(trailers: unknown, add: AddTrailers): unknown {
    if (!this.#isHttp2) this.#withheld = [];
    const kept = withoutMetadata(trailers);
    const result = add(kept);
    if (kept !== trailers) this.#withheld.push(() => add(trailers));
    return result;
  }

  /** The response is not rewritten. */
  release(): void {
    for (const add of this.#withheld.splice(0)) add();
  }
}

/**
 * @param trailers - as `addTrailers` takes them: an object or a list of pairs. Anything else is left for Node to refuse.
 * @returns the same value if nothing is withheld
 */
function withoutMetadata(trailers: unknown): unknown {
  if (typeof trailers !== 'object' || trailers === null) return trailers;
  const pairs: readonly unknown[] = Array.isArray(trailers) ? trailers : Object.entries(trailers);
  const kept = pairs.filter((pair) => !Array.isArray(pair) || !isRepresentationMetadata(pair[0]));
  if (kept.length === pairs.length) return trailers;
  return Array.isArray(trailers) ? kept : Object.fromEntries(kept as [string, unknown][]); // entries of an object are pairs
}
