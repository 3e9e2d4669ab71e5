/**
 * What is said about a wrong option or call: what was expected, what came, how to mend it. A key may have been pasted
 * anywhere. So text is shown if it is shorter than a key and looks like what was expected, or if all of its words are
 * known ones (`url/redaction.ts`); of any other text the message says how long it is.
 */
import { ImageSignerError } from '../errors.ts';
import { isSafeName, isSafePath, minKeyLength } from '../url/redaction.ts';

/** What of a text may be shown; undefined: its length alone. */
export type Shown = (text: string) => string | undefined;

function shownIf(isSafe: (text: string) => boolean): Shown {
  return (text) => (isSafe(text) ? text : undefined);
}

/** A name, of whatever: an option, a variant, a mode, an attribute. */
export const asName: Shown = shownIf(isSafeName);

/** A URL with its host, and the path as far as it may be shown; a bare host or a path. Credentials never show. */
export const asBase: Shown = (text) => {
  if (text.includes('@')) return undefined;
  const [, origin, rest = ''] =
    /^([a-z]{2,10}:\/{1,2}(?!\/)(?:[\p{L}\d.*-]*|\[[\da-f:.]*\])(?::\d{0,5})?)((?:[/?#\\].*)?)$/iu.exec(
      text,
    ) ?? [];
  if (origin !== undefined) return isSafePath(rest) ? text : `${origin}/…`;
  return isSafeName(text) || (text.startsWith('/') && isSafePath(text)) ? text : undefined;
};

/** A number, maybe with its unit: a duration, pixels, a descriptor, however it is written. */
export const asNumber: Shown = shownIf((text) =>
  /^[-+]?\d{1,10}(?:\.\d{1,3})? ?(?:[smhdwxy]|ms|px|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|years?)?$/i.test(
    text,
  ),
);

export const asDate: Shown = shownIf((text) => /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{0,20})?$/.test(text));

export const asFlag: Shown = shownIf((text) => /^(?:true|false|yes|no|on|off|0|1)$/i.test(text));

/** A message for `valibot`, which hands over what came. */
export function expected(
  what: string,
  mend: string,
  shown?: Shown,
): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${what}, got ${describe(input, shown)}. ${mend}`;
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
  return asName(name) ?? '…';
}

/** What came, for a value that may be a key: its kind and length. */
export function describeSecret(value: unknown): string {
  return typeof value === 'number' ? 'a number' : describe(value);
}

/** What came, in a few words. */
export function describe(value: unknown, shown: Shown = () => undefined): string {
  switch (typeof value) {
    case 'string': {
      const text = value === '' ? '' : shown(value);
      return text === undefined ? `text of ${value.length} characters` : `'${text}'`;
    }
    case 'number':
      return String(value).length < minKeyLength ? String(value) : 'a number';
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
  const name = prototype === null ? 'Object' : (prototype as object).constructor?.name;
  if (typeof name !== 'string' || name === '') return 'Object';
  return /^\w+$/.test(name) && name.length < minKeyLength ? name : '…';
}
