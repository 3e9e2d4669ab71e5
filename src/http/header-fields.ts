/** The header fields of a message, as the other rooms read and write them; and those of a `ServerResponse`. */
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

export interface HeaderFields {
  /** The field's value, several joined by commas. */
  get(name: string): string | undefined;
  /** Each value of the field, as it was set. */
  list(name: string): string[];
  /** Every name that is set, in lower case. */
  names(): string[];
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}

/** What is set on a response, read once: nobody else may set anything meanwhile. */
export class ResponseFields implements HeaderFields {
  readonly #response: ServerResponse;
  readonly #setHeader: ServerResponse['setHeader'];
  readonly #values: Record<string, OutgoingHttpHeader | undefined>;
  /** What stood in the place of what was changed, by names as the app has written them. */
  #before: Map<string, OutgoingHttpHeader | undefined> | undefined;
  #written: readonly string[] | undefined;

  /** @param setHeader - the response's own, below any replacement */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader']) {
    this.#response = response;
    this.#setHeader = setHeader;
    this.#values = response.getHeaders(); // a copy, without a prototype
  }

  get(name: string): string | undefined {
    return joined(this.#values[name.toLowerCase()]);
  }

  list(name: string): string[] {
    return listed(this.#values[name.toLowerCase()]);
  }

  names(): string[] {
    return Object.keys(this.#values);
  }

  set(name: string, value: string | string[]): void {
    this.#note(name);
    this.#setHeader.call(this.#response, name, value);
    this.#values[name.toLowerCase()] = value;
  }

  remove(name: string): void {
    // Removing what is not there would tell Node never to add it: a length, say.
    if (this.#values[name.toLowerCase()] === undefined) return;
    this.#note(name);
    this.#response.removeHeader(name);
    delete this.#values[name.toLowerCase()];
  }

  /** Takes back every change that was made here. */
  revert(): void {
    for (const [name, value] of this.#before ?? []) {
      if (value === undefined) this.#response.removeHeader(name);
      else this.#setHeader.call(this.#response, name, value);
    }
    this.#before = undefined;
  }

  #note(name: string): void {
    const lowerCase = name.toLowerCase();
    // In the author's case. Every outgoing message has the method; the types name it for requests alone.
    this.#written ??= writtenNames(this.#response);
    const written = this.#written.find((each) => each.toLowerCase() === lowerCase) ?? name;
    this.#before ??= new Map();
    if (!this.#before.has(written)) this.#before.set(written, this.#values[lowerCase]);
  }
}

/** None of a mock, as those of node-mocks-http: it inherits the method in Express, and not what that reads. */
function writtenNames(response: ServerResponse): readonly string[] {
  try {
    return (response as { getRawHeaderNames?(): string[] }).getRawHeaderNames?.() ?? [];
  } catch {
    return [];
  }
}

/** A header as `writeHead` takes it: of whatever name and value, since Node judges both. */
export type GivenHeader = readonly [name: unknown, value: unknown];

/** What `writeHead` was given, before anybody has judged it. */
export class ListFields implements HeaderFields {
  #list: readonly GivenHeader[];

  constructor(list: readonly GivenHeader[]) {
    this.#list = list;
  }

  get(name: string): string | undefined {
    const values = this.list(name);
    return values.length === 0 ? undefined : values.join(', ');
  }

  list(name: string): string[] {
    return this.#list.flatMap((each) => (isNamed(each, name) ? listed(each[1]) : []));
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

  /** Each name as it was first written, with its value, or all of several. */
  byName(): (readonly [name: string, value: string | string[]])[] {
    return this.names().map((name) => {
      const [written] = this.#list.find((each) => isNamed(each, name)) ?? [name];
      const values = this.list(name);
      return [String(written), values.length === 1 ? values[0]! : values];
    });
  }

  /** As `writeHead` takes it: name, value, name, value. */
  flat(): unknown[] {
    return this.#list.flatMap((pair) => pair.slice(0, 2)); // a pair may hold more, of which Node reads two
  }
}

function isNamed([name]: GivenHeader, other: string): boolean {
  return (
    typeof name === 'string' && name.length === other.length && name.toLowerCase() === other.toLowerCase()
  );
}

function joined(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
}

function listed(value: unknown): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
