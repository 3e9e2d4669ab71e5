/**
 * What is said about a wrong option or call: what was expected, what came, how to mend it. A key may have landed
 * anywhere, so text that came is shown only where it resembles what was expected; else its length is.
 */
import { ImageSignerError } from '../errors.ts';

/** Whether a text resembles what was expected, and can be shown. */
export type Likeness = (text: string) => boolean;

/** Words, with few digits among them: what names are made of, and a generated key is not. */
export const isNameLike: Likeness = (text) =>
  text.length <= 24 && /^[\p{L}\d_ .,:=/-]*$/u.test(text) && !isGenerated(text);

function isGenerated(text: string): boolean {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  return /\p{L}\d+\p{L}/u.test(text) || count(/\p{Ll}\p{Lu}/gu) >= 3 || count(/\d/g) >= 5;
}

/** A number, maybe with its unit: a duration, pixels, a descriptor, however it is written. */
export const isNumberLike: Likeness = (text) =>
  /^[-+]?\d{1,10}(?:\.\d{1,3})? ?(?:[smhdwxy]|ms|px|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|years?)?$/i.test(
    text,
  );

export const isDateLike: Likeness = (text) => /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{0,20})?$/.test(text);

export const isFlagLike: Likeness = (text) => /^(?:true|false|yes|no|on|off|0|1)$/i.test(text);

/** A message for `valibot`, which hands over what came. */
export function expected(
  what: string,
  mend: string,
  isLike?: Likeness,
): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${what}, got ${describe(input, isLike)}. ${mend}`;
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

/** A name that the user has chosen, as a part of an option's path. */
export function printableName(name: string): string {
  return isNameLike(name) ? name : '…';
}

/** What came, for a value that may be a key: its kind and length. */
export function describeSecret(value: unknown): string {
  return typeof value === 'number' ? 'a number' : describe(value);
}

/** What came, in a few words. */
export function describe(value: unknown, isLike: Likeness = () => false): string {
  switch (typeof value) {
    case 'string':
      return value === '' || isLike(value) ? `'${value}'` : `text of ${value.length} characters`;
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
