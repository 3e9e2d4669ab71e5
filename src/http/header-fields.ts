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

export class ResponseFields implements HeaderFields {
  readonly #response: ServerResponse;
  readonly #setHeader: ServerResponse['setHeader'];

  /** @param setHeader - the response's own, below any replacement */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader']) {
    this.#response = response;
    this.#setHeader = setHeader;
  }

  get(name: string): string | undefined {
    return joined(this.#response.getHeader(name));
  }

  list(name: string): string[] {
    return listed(this.#response.getHeader(name));
  }

  names(): string[] {
    return this.#response.getHeaderNames();
  }

  set(name: string, value: string | string[]): void {
    this.#setHeader.call(this.#response, name, value);
  }

  remove(name: string): void {
    // Removing what is not there would tell Node never to add it: a length, say.
    if (this.#response.hasHeader(name)) this.#response.removeHeader(name);
  }
}

/** Headers as `writeHead` takes them: pairs in order. */
export type HeaderList = readonly (readonly [name: string, value: OutgoingHttpHeader])[];

/** The fields as they are once `writeHead` has set these as well; to read alone. */
export function fieldsWith(fields: HeaderFields, given: HeaderList): HeaderFields {
  if (given.length === 0) return fields;
  const valuesOf = (name: string): string[] | undefined => {
    const own = given.filter(([each]) => each.toLowerCase() === name.toLowerCase());
    return own.length === 0 ? undefined : own.flatMap(([, value]) => listed(value));
  };
  return {
    get: (name) => valuesOf(name)?.join(', ') ?? fields.get(name),
    list: (name) => valuesOf(name) ?? fields.list(name),
    names: () => [...new Set([...fields.names(), ...given.map(([name]) => name.toLowerCase())])],
    set: (name, value) => fields.set(name, value),
    remove: (name) => fields.remove(name),
  };
}

function joined(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
}

function listed(value: OutgoingHttpHeader | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
