/** The headers of a `Request` or `Response` as `HeaderFields`. */
import type { HeaderFields } from '../../http/header-fields.ts';

export class FetchFields implements HeaderFields {
  readonly #headers: Headers;

  constructor(headers: Headers) {
    this.#headers = headers;
  }

  get(name: string): string | undefined {
    return this.#headers.get(name) ?? undefined;
  }

  /** At most one value: `Headers` joins the values of a name by commas (but for `Set-Cookie`, never read here). */
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

/** The headers once middleware above has run: an entity tag that it has made describes the signed page, and stays. */
export class FieldsAbove extends FetchFields {
  override set(name: string, value: string | string[]): void {
    if (name !== 'ETag') super.set(name, value);
  }
}
