/** Reads options with schemas: a whole object, and the shapes that many options share. The first mistake is thrown. */
import * as v from 'valibot';
import { ImageSignerError } from '../errors.ts';
import { millisecondsHint, parseDuration } from '../text/duration.ts';
import { nearestName } from '../text/nearest-name.ts';
import { calledByFramework } from './caller.ts';
import {
  asFlag,
  asName,
  asNumber,
  describeSecret,
  expected,
  expectedSecret,
  invalidOption,
  printableName,
  type Shown,
} from './message.ts';

/**
 * Reads an object, every option with its schema. A missing option counts as undefined.
 * @param call - what takes the options, for messages
 * @param entries - a schema for every option
 * @param others - options that are read elsewhere, for messages
 * @throws ImageSignerError INVALID_OPTION
 */
export function readObject<Entries extends v.ObjectEntries>(
  call: string,
  entries: Entries,
  input: object,
  others: readonly string[] = [],
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const names = Object.keys(entries);
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(entries, name));
  if (unknown !== undefined) {
    const known = [...names, ...others];
    const near = nearestName(unknown, known);
    const hint = near === undefined ? `The options are ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
    throw invalidOption(printableName(unknown), `is not an option of ${call}. ${hint}`);
  }
  const missing = Object.fromEntries(names.map((name) => [name, undefined]));
  const result = v.safeParse(v.strictObject(entries), { ...missing, ...input }, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? [])
    .map(({ key }) =>
      typeof key === 'string' && !Object.hasOwn(entries, key) ? printableName(key) : String(key),
    )
    .join('.');
  throw invalidOption(path, issue.message);
}

/**
 * Reads the options of a factory. No message shows the key.
 * @param factory - the function that was called, for messages
 * @throws ImageSignerError INVALID_OPTION, also for a request or a signer instead of options
 */
export function readGiven<T>(factory: string, input: unknown, read: (given: object) => T): T {
  checkShape(factory, input);
  return withoutKey(input, () => read(input));
}

function checkShape(factory: string, input: unknown): asserts input is object {
  const call = `${factory}({ key, ttl, variants })`;
  if (typeof input !== 'object' || input === null) {
    throw invalidOption('', `${factory} expected options, got ${describeSecret(input)}. Write ${call}.`);
  }
  const mistaken = calledByFramework(factory, input);
  if (mistaken !== undefined) throw mistaken;
  // The symbol of `schemes/definition.ts`, which this folder does not import.
  if (Symbol.for('image-signer.scheme.1') in input) {
    throw invalidOption(
      '',
      `${factory} expected options, got a scheme. Write ${factory}({ scheme, ttl: '1h' }).`,
    );
  }
  if ('signImage' in input) {
    throw invalidOption('', `${factory} expected options, got a signer. Write ${factory}({ signer }).`);
  }
}

/** Removes the key from the message, in case it was pasted into another option too. */
function withoutKey<T>(input: unknown, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ImageSignerError)) throw error;
    const { key } = Object(input) as { readonly key?: unknown };
    const texts = [key]
      .flat()
      .filter((each): each is string => typeof each === 'string' && each.trim().length >= 8);
    const hide = (text: string): string =>
      texts.reduce((shown, each) => shown.replaceAll(each.trim(), '…'), text);
    throw new ImageSignerError(
      error.code,
      hide(error.message),
      error.option === undefined ? undefined : hide(error.option),
    );
  }
}

export type Schema<T> = v.GenericSchema<unknown, T>;

export const flag: Schema<boolean> = v.boolean(
  expected('true or false', 'Leave it out for the default.', asFlag),
);

/** @param hint - what the function is for */
export function callable<F extends (...args: never[]) => unknown>(hint: string): Schema<F> {
  return v.custom<F>((input) => typeof input === 'function', expected('a function', hint));
}

/**
 * A function whose result is needed at once. An `async` one is refused here: its promise would otherwise show only later, as a
 * refusal of everything.
 * @param hint - what the function is for
 * @param instead - how to avoid waiting in it
 */
export function synchronous<F extends (...args: never[]) => unknown>(
  hint: string,
  instead = 'Its promise is not awaited: fetch the data that it needs before.',
): Schema<F> {
  return v.pipe(
    callable<F>(hint),
    v.check(
      // `AsyncFunction` or `AsyncGeneratorFunction`. Other functions show their promise only when called.
      (fn) => !Object.prototype.toString.call(fn).startsWith('[object Async'),
      () => `expected a synchronous function, got an async one. ${instead}`,
    ),
  );
}

/** One value, or a list of at least one. */
/* @__NO_SIDE_EFFECTS__ */
export function listOf<T>(
  schema: Schema<T>,
  none: (issue: { readonly input: unknown }) => string,
): Schema<readonly T[]> {
  const list = v.pipe(v.array(schema), v.nonEmpty(none));
  const one = v.pipe(
    schema,
    v.transform((value) => [value]),
  );
  return v.lazy((input) => (Array.isArray(input) ? list : one) as Schema<T[]>);
}

export function isRecord(input: unknown): input is Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === Object.prototype || prototype === null;
}

/** A text that matches a pattern. @param shown - what a message may show of other texts; nothing by default */
/* @__NO_SIDE_EFFECTS__ */
export function textLike(
  pattern: RegExp,
  what: string,
  hint: string,
  shown?: Shown,
): v.GenericSchema<string> {
  const message = expected(what, hint, shown);
  return v.pipe(
    v.string(message),
    v.check((text) => pattern.test(text), message),
  );
}

/** The name of a parameter of a query. */
/* @__NO_SIDE_EFFECTS__ */
export function parameterName(pattern: RegExp, hint: string): v.GenericSchema<string> {
  return textLike(pattern, 'the name of a parameter', hint, asName);
}

/**
 * A key or another secret. The messages show nothing of it.
 * @param what - such as "the signing key's text"
 * @param where - where its owner finds it
 * @param isOne - whether a text has the form of one
 */
/* @__NO_SIDE_EFFECTS__ */
export function secretText(
  what: string,
  where: string,
  isOne: (text: string) => boolean = () => true,
): Schema<string> {
  return v.pipe(
    v.string((issue) => expectedSecret(what, `${where} ${mendFor(issue.input)}`)(issue)),
    v.nonEmpty(expectedSecret(what, 'With an empty key, anybody could sign: is the variable set?')),
    v.check(
      (text) => text === text.trim(),
      expectedSecret(
        'a key without white space around it',
        'A pasted key often ends with a line break: trim it.',
      ),
    ),
    v.check(
      (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text),
      expectedSecret(
        'a key of visible characters',
        'Remove the invisible characters that were pasted with it.',
      ),
    ),
    v.check(
      (text) => !/^(["'`]).*\1$/.test(text),
      expectedSecret('a key without quotes around it', 'The quotes are not part of the key: remove them.'),
    ),
    v.check(isOne, expectedSecret(what, where)),
  );
}

function mendFor(input: unknown): string {
  return typeof input === 'function' || typeof input === 'object'
    ? 'Pass a string, not a function, a list or an object.'
    : 'If it comes from the environment, is the variable set?';
}

const durations = "seconds as a whole number, or '90s', '15m', '6h', '1d'";

/** In seconds. @param isOne - of seconds */
/* @__NO_SIDE_EFFECTS__ */
function duration(bounds: string, hint: string, isOne: (seconds: number) => boolean): Schema<number> {
  return v.pipe(
    v.custom<number | string>(
      (input) => isOne(parseDuration(input) ?? Number.NaN),
      (issue) =>
        expected(`${durations}, ${bounds}`, `${millisecondsHint(issue.input)}${hint}`, asNumber)(issue),
    ),
    v.transform((input) => parseDuration(input)!), // the check above has accepted it
  );
}

const isAboveZero = (seconds: number): boolean => seconds > 0;

export const ttl: Schema<number> = duration(
  "above 0 and at most '366d'",
  "A day is '1d', or 86400.",
  isAboveZero,
);

export const keyRefresh: Schema<number> = duration('above 0', "Five minutes are '5m', or 300.", isAboveZero);

export const stableFor: Schema<number> = duration(
  'or 0',
  "Six hours are '6h'; 0 turns steps off.",
  (seconds) => seconds >= 0,
);
