/**
 * What is said about a wrong option: what was expected, what came, how to mend it. What came is shown as far as it
 * can hold no key.
 */
import { ImageSignerError } from '../errors.ts';

/** A message for `valibot`, which hands over what came. */
export function expected(what: string, mend: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${what}, got ${describe(input)}. ${mend}`;
}

/** The same for a value that must not be shown. */
export function expectedSecret(what: string, mend: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${what}, got ${describeSecret(input)}. ${mend}`;
}

/** @param option - a path, such as `variants.card.ttl`; empty for the options as a whole */
export function invalidOption(option: string, message: string): ImageSignerError {
  return new ImageSignerError(
    'INVALID_OPTION',
    option === '' ? message : `\`${option}\`: ${message}`,
    option,
  );
}

/** What came, for a value that may be a key: its kind and length. */
export function describeSecret(value: unknown): string {
  return typeof value === 'string' ? `text of ${value.length} characters` : describe(value);
}

/** What came, in a few words. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return isShowable(value) ? `'${value}'` : describeSecret(value);
    case 'number':
    case 'boolean':
      return String(value);
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
      if (kindOf(value) !== 'Object') return `an instance of ${kindOf(value)}`;
      return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
    default:
      return typeof value;
  }
}

function kindOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null ? 'Object' : String((prototype as object).constructor?.name ?? 'Object');
}

/** Short, and not what a key looks like: one may have landed in the wrong option. */
function isShowable(text: string): boolean {
  return text.length <= 60 && !/^[\w+/=-]{24,}$/.test(text.replaceAll(/\s/g, ''));
}
