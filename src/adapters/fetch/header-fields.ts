/** The header fields of a message of the fetch standard, as the other rooms read and write them. */
import type { HeaderFields } from '../../http/header-fields.ts';

export class FetchFields implements HeaderFields {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  /** Values of a name are one, joined by commas, but for cookies. */
  list(name: string): string[] {
    const value = this.#headers.get(name);
    return value === null ? [] : [value];
  }

  names(): string[] {
    return [...this.#headers.keys()];
  }

  set(name: string, value: string | string[]): void {
    this.#headers.set(name, [value].flat().join(', '));
  }

  remove(name: string): void {
    this.#headers.delete(name);
  }
}
