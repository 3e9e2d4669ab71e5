/** The header fields of a message, whatever runtime it is of: what the rules in this folder read and change. */

export interface HeaderFields {
  /** The field's value; several are joined by commas. */
  get(name: string): string | undefined;
  /** Each value of the field, as it was set. */
  list(name: string): string[];
  /** Every name that is set, in lower case. */
  names(): string[];
  set(name: string, value: string | string[]): void;
  remove(name: string): void;
}
