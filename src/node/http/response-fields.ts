/** The header fields of a `ServerResponse`. */
import type { OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { HeaderFields } from '../../http/header-fields.ts';
import { toValues } from './header-list.ts';

/** The headers are read when this is created, and by `refresh`: nothing else may set one while it is in use. */
export class ResponseFields implements HeaderFields {
  readonly #response: ServerResponse;
  readonly #setHeader: ServerResponse['setHeader'];
  #values: Record<string, OutgoingHttpHeader | undefined>;
  /** The old values of whatever was changed, by names in the app's own case. */
  #before: Map<string, OutgoingHttpHeader | undefined> | undefined;
  #written: readonly string[] | undefined;

  /** @param setHeader - the response's own method, below any hook */
  constructor(response: ServerResponse, setHeader: ServerResponse['setHeader']) {
    this.#response = response;
    this.#setHeader = setHeader;
    this.#values = response.getHeaders(); // a copy, without a prototype
  }

  /** Reads the headers again. What was changed before can still be undone. */
  refresh(): void {
    this.#values = this.#response.getHeaders();
    this.#written = undefined;
  }

  get(name: string): string | undefined {
    return joined(this.#values[name.toLowerCase()]);
  }

  list(name: string): string[] {
    return toValues(this.#values[name.toLowerCase()]);
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
    // Removing a header that is not set tells Node never to add it: Content-Length, for example.
    if (this.#values[name.toLowerCase()] === undefined) return;
    this.#note(name);
    this.#response.removeHeader(name);
    delete this.#values[name.toLowerCase()];
  }

  /** Undoes every change that was made through this object. */
  revert(): void {
    for (const [name, value] of this.#before ?? []) {
      if (value === undefined) this.#response.removeHeader(name);
      else this.#setHeader.call(this.#response, name, value);
    }
    this.#before = undefined;
  }

  #note(name: string): void {
    const lowerCase = name.toLowerCase();
    // In the app's own case. Every outgoing message has `getRawHeaderNames`; Node's types declare it for requests only.
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

function joined(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value);
}
