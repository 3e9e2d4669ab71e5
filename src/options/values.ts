/** Schemas of single options: the accepted values, the message for others, and the parsed value. */
import * as v from 'valibot';
import { type Definition, definitionOf } from '../schemes/definition.ts';
import { plainPath } from '../validation/base.ts';
import { asBase, asMemory, asName, expected, expectedSecret, type Shown } from '../validation/message.ts';
import { flag, isRecord, listOf, type Schema } from '../validation/schema.ts';
import type { CommonOptions } from './signer-options.ts';

/** The option `rewrite`, with its defaults. */
export interface ParsedRewrite {
  readonly html: boolean;
  readonly headers: boolean;
  readonly locals: boolean;
  readonly json: boolean;
  readonly events: 'html' | false;
  /** Undefined: only where `authorize` is asked. */
  readonly location: boolean | undefined;
}

const events: Schema<'html' | false> = v.custom<'html' | false>(
  (input) => input === 'html' || input === false,
  expected("'html', or false", 'For events whose data is JSON, set json: true.', asName),
);

const rewriteEntries = {
  html: v.optional(flag, true),
  headers: v.optional(flag, true),
  locals: v.optional(flag, false),
  json: v.optional(flag, false),
  events: v.optional(events, false),
  location: v.optional(flag),
};

export const rewrite: Schema<ParsedRewrite> = v.pipe(
  v.custom<false | object>(
    (input) => input === false || isRecord(input),
    expected(
      'false, or some of { html, headers, locals, json, events, location }',
      'Leave it out for html and headers.',
      asName,
    ),
  ),
  v.transform((input) => (input === false ? { html: false, headers: false, location: false } : input)),
  v.strictObject(
    rewriteEntries,
    () => 'is not an option of rewrite. The options are html, headers, locals, json, events and location.',
  ),
  v.transform(({ location, ...others }): ParsedRewrite => ({ ...others, location })),
);

/** Whether the name, such as `json`, is a member of `rewrite`. */
export function isRewriteName(name: string): boolean {
  return Object.hasOwn(rewriteEntries, name);
}

export const mode: Schema<'enforce' | 'report'> = v.picklist(
  ['enforce', 'report'],
  expected("'enforce' or 'report'", "Start with 'report' to see what would be refused.", asName),
);

export const report: Schema<NonNullable<CommonOptions['report']>> = v.custom<
  NonNullable<CommonOptions['report']>
>(
  (input) => input === false || typeof input === 'function',
  expected('a function, or false', 'It is called with each event. Leave it out for warnings in development.'),
);

const schemeHint = "For example, s3({ … }) of 'image-signer/schemes'.";

const oneScheme: Schema<Definition> = v.pipe(
  v.custom<unknown>(
    (input) => definitionOf(input) !== undefined,
    expectedSecret('what a function of image-signer/schemes returns', schemeHint),
  ),
  v.transform((input) => definitionOf(input)!), // the check above has accepted it
);

/** One token scheme, or a list: the first that accepts a URL signs it. */
export const scheme: Schema<readonly Definition[]> = listOf(
  oneScheme,
  expectedSecret('at least one scheme', schemeHint),
);

const bytesPerUnit: Readonly<Record<string, number>> = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 };

const smallestMemory: number = 2 ** 20;

/**
 * An amount of memory in bytes.
 * @param usual - the default
 * @param takesNone - whether 0 is allowed
 */
export function memory(usual: string, takesNone = false): Schema<number> {
  const given = v.pipe(
    v.custom<number | string>(
      (input) => (takesNone && input === 0) || (parseBytes(input) ?? 0) >= smallestMemory,
      expected(
        `bytes as a whole number, or '512MB', and at least '1MB'${takesNone ? ', or 0' : ''}`,
        `The default is '${usual}'${takesNone ? ', and 0 keeps nothing' : ''}.`,
        asMemory,
      ),
    ),
    v.transform((input) => parseBytes(input)!), // the check above has accepted it
  );
  return v.optional(given, usual);
}

/** @returns undefined for anything but whole bytes, or a whole number with a unit */
function parseBytes(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  const [, count, unit] = (typeof value === 'string' && /^(\d{1,6})(KB|MB|GB)$/.exec(value)) || [];
  return unit === undefined ? undefined : Number(count) * bytesPerUnit[unit]!;
}

export const path: Schema<string> = plainPath(
  "For example, '/sign'. Leave it out if app.use('/sign', …) removes it.",
);

const originHint = "For example, 'https://shop.example': what a browser sends as Origin.";

/** `*` may be shown: a CORS header would contain it. */
const asOrigin: Shown = (text) => (text === '*' ? text : asBase(text));

const origin: Schema<string> = v.pipe(
  v.string(expected('an origin', originHint)),
  v.check(
    (text) => !text.includes('*'),
    expected('a full origin', 'Wildcards are not supported: list every site.', asOrigin),
  ),
  v.check(
    (text) => text !== 'null',
    expected('an origin', 'Any site can send null, from a sandboxed frame.', asBase),
  ),
  v.check(
    (text) => /^https?:\/\/[^/]/i.test(text),
    expected('an origin with http:// or https://', originHint, asBase),
  ),
  v.check(
    (text) => !/[/?#\\]/.test(text.slice(text.indexOf('//') + 2)),
    expected('an origin without path, query or trailing slash', originHint, asBase),
  ),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    expected(
      'an origin as a browser sends it',
      'Write it in lower case, without credentials or a default port, and international names as xn--….',
      asBase,
    ),
  ),
);

export const origins: Schema<readonly string[]> = listOf(
  origin,
  expected('at least one origin', 'Leave origins out if only your own site may call the endpoint.'),
);
