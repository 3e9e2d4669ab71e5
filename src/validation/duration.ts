/** Schemas of durations: what users write, and the seconds that the code works with. */
import * as v from 'valibot';
import { millisecondsHint, parseDuration } from '../text/duration.ts';
import { asNumber, expected } from './message.ts';
import type { Schema } from './schema.ts';

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
