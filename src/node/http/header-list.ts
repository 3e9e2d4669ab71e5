/** The headers that `writeHead` is called with, which are a list, and not set on the response. */
import type { HeaderFields } from '../../http/header-fields.ts';

/** One header as the app has passed it. Node has not checked it yet, so name and value may be anything. */
export type GivenHeader = readonly [name: unknown, value: unknown];

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
