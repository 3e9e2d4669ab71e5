/** The header fields of a message in any runtime. Each adapter implements this interface. */

export interface HeaderFields {
  /** The field's values, joined by commas; undefined if it is not set. */
  get(name: string): string | undefined;
  /** The field's values, as they were set. */
  list(name: string): string[];
  /** The names of all fields, in lower case. */
  names(): string[];
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}
