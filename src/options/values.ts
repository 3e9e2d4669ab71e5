/** Schemas of single options: what they accept, the message if they do not, and the value that the code works with. */
import * as v from 'valibot';
import { millisecondsHint, parseDuration } from '../duration.ts';
import { SigningKeys } from '../signing/keys.ts';
import { asFlag, asName, asNumber, expected, expectedSecret } from './message.ts';
import type { SignerOptionsFor } from './types.ts';

export type Schema<T> = v.GenericSchema<unknown, T>;

const durations = "seconds as a whole number, or '90s', '15m', '6h', '1d'";

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

const keyText = v.pipe(
  v.string(
    expectedSecret(
      "the signing key's text, or a list with the newest first",
      'Cloudflare shows it under Images, Keys. If it comes from the environment, is the variable set?',
    ),
  ),
  v.nonEmpty(
    expectedSecret("the signing key's text", 'An empty key signs for everybody: is the variable set?'),
  ),
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

export const key: Schema<SigningKeys> = v.pipe(
  listOf(keyText, expectedSecret('at least one key', 'Put the newest first.')),
  v.transform((texts) => new SigningKeys(texts)),
);

export const flag: Schema<boolean> = v.boolean(
  expected('true or false', 'Leave it out for the default.', asFlag),
);

/** The option `rewrite`, with its defaults. */
export interface ParsedRewrite {
  readonly html: boolean;
  readonly headers: boolean;
  readonly locals: boolean;
  readonly json: boolean;
}

export const rewrite: Schema<ParsedRewrite> = v.pipe(
  v.custom<false | object>(
    (input) => input === false || isRecord(input),
    expected(
      'false, or some of { html, headers, locals, json }',
      'Leave it out for html and headers.',
      asName,
    ),
  ),
  v.transform((input) => (input === false ? { html: false, headers: false } : input)),
  v.strictObject(
    {
      html: v.optional(flag, true),
      headers: v.optional(flag, true),
      locals: v.optional(flag, false),
      json: v.optional(flag, false),
    },
    () => 'is not an option of rewrite. There are html, headers, locals and json.',
  ),
);

export const mode: Schema<'enforce' | 'report'> = v.picklist(
  ['enforce', 'report'],
  expected("'enforce' or 'report'", "Start with 'report' to hear what would be refused.", asName),
);

export const sharedCache: Schema<boolean> = flag;

/** @param hint - what the function is for */
export function callable<F extends (...args: never[]) => unknown>(hint: string): Schema<F> {
  return v.custom<F>((input) => typeof input === 'function', expected('a function', hint));
}

export const report: Schema<NonNullable<SignerOptionsFor<unknown>['report']>> = v.custom<
  NonNullable<SignerOptionsFor<unknown>['report']>
>(
  (input) => input === false || typeof input === 'function',
  expected('a function, or false', 'It is called with each event. Leave it out for warnings in development.'),
);

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
