/** Schemas of single options: what they accept, the message if they do not, and the value that the code works with. */
import * as v from 'valibot';
import { millisecondsHint, parseDuration } from '../duration.ts';
import { asName, asNumber, expected } from '../validation/message.ts';
import { flag, isRecord, type Schema } from '../validation/schema.ts';
import type { SignerOptionsFor } from './types.ts';

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

export const report: Schema<NonNullable<SignerOptionsFor<unknown>['report']>> = v.custom<
  NonNullable<SignerOptionsFor<unknown>['report']>
>(
  (input) => input === false || typeof input === 'function',
  expected('a function, or false', 'It is called with each event. Leave it out for warnings in development.'),
);
