/**
 * Messages for a wrong option or call: what was expected, what came, and how to fix it. A key may be pasted anywhere, so a
 * text is shown only if it is shorter than a key and looks like what was expected, or if it consists of known words
 * (`url/redaction.ts`). For any other text, the message states its length.
 */
import { ImageSignerError } from '../errors.ts';
import { isSafeName, isSafePath, minKeyLength } from '../url/redaction.ts';

/** Returns the part of a text that a message may show; undefined to show its length only. */
export type Shown = (text: string) => string | undefined;

/* @__NO_SIDE_EFFECTS__ */
function shownIf(isSafe: (text: string) => boolean): Shown {
  return (text) => (isSafe(text) ? text : undefined);
}

/** The name of an option, a variant, a mode or an attribute. */
export const asName: Shown = shownIf(isSafeName);

/** A URL with its host, and with its path if that is safe to show; a bare host; or a path. Credentials never show. */
export const asBase: Shown = (text) => {
  if (text.includes('@')) return undefined;
  const [, origin, rest = ''] =
    /^([a-z]{2,10}:\/{1,2}(?!\/)(?:[\p{L}\d.*-]*|\[[\da-f:.]*\])(?::\d{0,5})?)((?:[/?#\\].*)?)$/iu.exec(
      text,
    ) ?? [];
  if (origin !== undefined) return isSafePath(rest) ? text : `${origin}/…`;
  return isSafeName(text) || (text.startsWith('/') && isSafePath(text)) ? text : undefined;
};

/** A number, with or without a unit: a duration, pixels or a descriptor, in any notation. */
export const asNumber: Shown = shownIf((text) =>
  /^[-+]?\d{1,10}(?:\.\d{1,3})? ?(?:[smhdwxy]|ms|px|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?|weeks?|months?|years?)?$/i.test(
    text,
  ),
);

export const asMemory: Shown = shownIf((text) => /^[-+]?\d{1,10}(?:\.\d{1,3})? ?[kmgt]?i?b?$/i.test(text));

export const asDate: Shown = shownIf((text) => /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{0,20})?$/.test(text));

export const asFlag: Shown = shownIf((text) => /^(?:true|false|yes|no|on|off|0|1)$/i.test(text));

/** Creates the message of a `valibot` schema, which passes the input to it. */
/* @__NO_SIDE_EFFECTS__ */
export function expected(
  what: string,
  hint: string,
  shown?: Shown,
): (issue: { readonly input: unknown }) => string {
  // A key is longer than one character, and one character says what was meant: `*`.
  const shownOrOne: Shown = (text) => (/^[!-~]$/.test(text) ? text : shown?.(text));
  return ({ input }) => `expected ${what}, got ${describe(input, shownOrOne)}. ${hint}`;
}

/** Like `expected`, for a value that must never be shown. */
/* @__NO_SIDE_EFFECTS__ */
export function expectedSecret(what: string, hint: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `expected ${what}, got ${describeSecret(input)}. ${hint}`;
}

/** @param option - a path, such as `variants.card.ttl`; empty for the options as a whole */
export function invalidOption(option: string, message: string): ImageSignerError {
  return new ImageSignerError(
    'INVALID_OPTION',
    option === '' ? message : `\`${option}\`: ${message}`,
    option,
  );
}

/** A name that the user has chosen, for the path of an option. */
export function printableName(name: string): string {
  return asName(name) ?? '…';
}

/** Describes a value that may be a key: by its type and length only. */
export function describeSecret(value: unknown): string {
  return typeof value === 'number' ? 'a number' : describe(value);
}

/** Describes a value in a few words. */
export function describe(value: unknown, shown: Shown = () => undefined): string {
  switch (typeof value) {
    case 'string': {
      const text = value === '' ? '' : shown(value);
      return text === undefined
        ? `text of ${value.length} ${value.length === 1 ? 'character' : 'characters'}`
        : `'${text}'`;
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
