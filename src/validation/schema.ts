/** Schemas of common shapes, for the options of factories and of schemes: flags, functions, lists, secrets and durations. */
import * as v from 'valibot';
import { millisecondsHint, parseDuration } from '../text/duration.ts';
import { asFlag, asNumber, expected, expectedSecret } from './message.ts';

export type Schema<T> = v.GenericSchema<unknown, T>;

export const flag: Schema<boolean> = v.boolean(
  expected('true or false', 'Leave it out for the default.', asFlag),
);

/** @param hint - what the function is for */
export function callable<F extends (...args: never[]) => unknown>(hint: string): Schema<F> {
  return v.custom<F>((input) => typeof input === 'function', expected('a function', hint));
}

/** One value, or a list of at least one. */
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

/**
 * A key or another secret. The messages show nothing of what came.
 * @param what - such as "the signing key's text"
 * @param where - where its owner finds it
 */
export function secretText(what: string, where: string): Schema<string> {
  return v.pipe(
    v.string((issue) => expectedSecret(what, `${where} ${mendFor(issue.input)}`)(issue)),
    v.nonEmpty(expectedSecret(what, 'An empty key signs for everybody: is the variable set?')),
    v.check(
      (text) => text === text.trim(),
      expectedSecret(
        'a key without white space around it',
        'A line end comes along when a key is pasted: trim it.',
      ),
    ),
    v.check(
      (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text),
      expectedSecret('a key of visible characters', 'Something invisible came along when it was pasted.'),
    ),
    v.check(
      (text) => !/^(["'`]).*\1$/.test(text),
      expectedSecret(
        'a key without quotes around it',
        'They are part of the notation, not of the key: take them off.',
      ),
    ),
  );
}

function mendFor(input: unknown): string {
  return typeof input === 'function' || typeof input === 'object'
    ? 'Pass its text, and not a function, a list or an object.'
    : 'If it comes from the environment, is the variable set?';
}

const durations = "seconds as a whole number, or '90s', '15m', '6h', '1d'";

/** In seconds, as the two below. */
export const ttl: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => (parseDuration(input) ?? 0) > 0,
    (issue) =>
      expected(
        `${durations}, above 0 and at most '366d'`,
        `${millisecondsHint(issue.input)}A day is '1d', or 86400.`,
        asNumber,
      )(issue),
  ),
  v.transform((input) => parseDuration(input)!), // the check above has accepted it
);

export const keyRefresh: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => (parseDuration(input) ?? 0) > 0,
    (issue) =>
      expected(
        `${durations}, above 0`,
        `${millisecondsHint(issue.input)}Five minutes are '5m', or 300.`,
        asNumber,
      )(issue),
  ),
  v.transform((input) => parseDuration(input)!), // the check above has accepted it
);

export const stableFor: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => parseDuration(input) !== undefined,
    (issue) =>
      expected(
        `${durations}, or 0`,
        `${millisecondsHint(issue.input)}Six hours are '6h'; 0 turns the steps off.`,
        asNumber,
      )(issue),
  ),
  v.transform((input) => parseDuration(input)!), // the check above has accepted it
);
