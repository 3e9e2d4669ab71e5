/** One schema for each kind of option: what is taken, what is said where it is not, and what it is turned into. */
import * as v from 'valibot';
import { parseDuration } from '../duration.ts';
import { SigningKeys } from '../signing/keys.ts';
import { decodeSegment, encodeSegment, isDotSegment, writePath } from '../url/canonical.ts';
import type { DeliveryBase } from '../url/delivery.ts';
import { expected, expectedSecret } from './message.ts';

/** A variant and its policy, as they were given; durations in seconds. */
export interface ParsedVariant {
  readonly name: string;
  readonly ttl: number | undefined;
  readonly alwaysPublic: boolean;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

type Schema<T> = v.GenericSchema<unknown, T>;

const durations = "seconds as a whole number, or '90s', '15m', '6h', '1d'";

export const ttl: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => (parseDuration(input) ?? 0) > 0,
    expected(`${durations}, above 0 and at most '36500d'`, "A day is '1d', or 86400."),
  ),
  v.transform((input) => parseDuration(input)!), // has been checked
);

export const stableFor: Schema<number> = v.pipe(
  v.custom<number | string>(
    (input) => parseDuration(input) !== undefined,
    expected(`${durations}, or 0`, "Six hours are '6h'; 0 turns the steps off."),
  ),
  v.transform((input) => parseDuration(input)!), // has been checked
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
    (text) => text.isWellFormed(),
    expectedSecret(
      'a key of whole characters',
      'It holds half of a surrogate pair, which UTF-8 cannot write.',
    ),
  ),
);

export const key: Schema<SigningKeys> = v.pipe(
  listOf(keyText, expectedSecret('at least one key', 'Put the newest first.')),
  v.transform((texts) => new SigningKeys(texts)),
);

const variantName: Schema<string> = v.pipe(
  v.string(expected("a variant's name", "Write it as Cloudflare lists it, such as 'public'.")),
  v.check(
    (name) => encodeSegment(name) !== undefined,
    expected(
      'a name that a path segment can hold',
      'No slash, backslash, ^ or control character, and not "." or "..".',
    ),
  ),
);

const dimension: Schema<number> = v.custom<number>(
  (input) => Number.isInteger(input) && (input as number) > 0,
  expected('a whole number of pixels above 0', 'Leave it out where it is not known.'),
);

const flag: Schema<boolean> = v.boolean(expected('true or false', 'Leave it out for the default.'));

const policy = v.strictObject(
  {
    ttl: v.optional(ttl),
    alwaysPublic: v.optional(flag),
    width: v.optional(dimension),
    height: v.optional(dimension),
  },
  (issue) =>
    issue.expected === 'never'
      ? 'is no part of a policy. A variant has ttl, alwaysPublic, width and height.'
      : expected('a policy', 'Write {} for a variant without one.')(issue),
);

const variantNames: Schema<ParsedVariant[]> = v.pipe(
  v.array(variantName),
  v.check(
    (names) => new Set(names).size === names.length,
    expected('each variant once', 'Take the second one out.'),
  ),
  v.transform((names) => names.map((name) => toVariant(name, {}))),
);

/** By hand, since `v.record` leaves out a variant named `constructor`. */
const variantPolicies: Schema<ParsedVariant[]> = v.pipe(
  v.custom<object>(
    isRecord,
    expected(
      'a list of names, or a map of names to policies',
      "Such as ['thumb', 'card'] or { thumb: { width: 320 } }.",
    ),
  ),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const variants: ParsedVariant[] = [];
    for (const [name, value] of Object.entries(dataset.value)) {
      const result = v.safeParse(v.tuple([variantName, policy]), [name, value]);
      if (result.success) variants.push(toVariant(...result.output));
      else {
        const [issue] = result.issues;
        const at = {
          type: 'object' as const,
          origin: 'value' as const,
          input: dataset.value as Record<string, unknown>,
        };
        const inner = (issue.path ?? []).slice(1) as v.IssuePathItem[];
        addIssue({ message: issue.message, path: [{ ...at, key: name, value }, ...inner] });
        return NEVER;
      }
    }
    return variants;
  }),
);

export const variants: Schema<readonly ParsedVariant[]> = v.pipe(
  v.unknown(),
  v.check(
    (input) => !(Array.isArray(input) || isRecord(input)) || Object.keys(input).length > 0,
    expected('at least one variant', 'Only the variants that it names are signed.'),
  ),
  v.lazy((input) => (Array.isArray(input) ? variantNames : variantPolicies)),
);

const hash: Schema<string> = v.pipe(
  v.string(
    expected(
      'an account hash',
      "It is the first part of a delivery URL's path, such as 'cheeW4oKsx5ljh8e8BoL2A'.",
    ),
  ),
  v.check(
    (text) => decodeSegment(text) === text,
    expected('an account hash', 'It is one path segment, written without escapes: no slash, no white space.'),
  ),
);

export const accountHash: Schema<readonly string[]> = listOf(
  hash,
  expected('at least one account hash', 'Leave accountHash out to sign for any account.'),
);

const baseMend =
  "Such as 'https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery' or '/images'.";

const baseText: Schema<DeliveryBase> = v.pipe(
  v.string(expected('a URL, a path that begins with /, or { base, accountHash }', baseMend)),
  v.check(
    (text) => /^https?:\/\/[^/]|^\/(?!\/)/i.test(text),
    expected('a URL with http:// or https://, or a path that begins with one /', baseMend),
  ),
  v.check(
    (text) => !/[?#\\]/.test(text),
    expected('a base without query, fragment or backslash', 'Images are what follows the base.'),
  ),
  v.check(
    (text) => text.startsWith('/') || isPlainOrigin(text),
    expected(
      'a host as a URL spells it',
      'No credentials, no default port, and international names as xn--…: pages are compared with it as it is written.',
    ),
  ),
  v.check(
    (text) => isPlainPath(pathOf(text)),
    expected(
      'a path without empty or dot segments, as a URL spells it',
      'Write é as %C3%A9, and a space as %20.',
    ),
  ),
  v.transform((text) => ({
    text: text.replace(/\/$/, ''),
    authority: text.startsWith('/') ? undefined : authorityOf(text).toLowerCase(),
    path: pathOf(text),
    accountHash: undefined,
  })),
);

const baseWithAccount: Schema<DeliveryBase> = v.pipe(
  v.strictObject({ base: baseText, accountHash: hash }, (issue) =>
    issue.expected === 'never'
      ? 'is no part of a delivery. It has base and accountHash.'
      : `expected base and accountHash. ${baseMend}`,
  ),
  v.transform(({ base, accountHash: account }) => ({ ...base, accountHash: account })),
);

export const delivery: Schema<readonly DeliveryBase[]> = listOf(
  v.lazy((input) => (isRecord(input) ? baseWithAccount : baseText)),
  expected('at least one base', 'Leave delivery out for https://imagedelivery.net.'),
);

export const deniedVariant: Schema<string> = variantName;

/** What a middleware rewrites, defaults filled in. */
export interface ParsedRewrite {
  readonly html: boolean;
  readonly headers: boolean;
  readonly locals: boolean;
  readonly json: boolean;
}

const rewriteParts = v.strictObject(
  {
    html: v.optional(flag, true),
    headers: v.optional(flag, true),
    locals: v.optional(flag, false),
    json: v.optional(flag, false),
  },
  (issue) =>
    issue.expected === 'never'
      ? 'is nothing that is rewritten. There are html, headers, locals and json.'
      : expected(
          'false, or some of { html, headers, locals, json }',
          'Leave it out for html and headers.',
        )(issue),
);

export const rewrite: Schema<ParsedRewrite> = v.pipe(
  v.unknown(),
  v.transform((input) => (input === false ? { html: false, headers: false } : input)),
  rewriteParts,
);

export const attributes: Schema<ReadonlyMap<string, 'url' | 'srcset' | 'css'>> = v.pipe(
  v.custom<object>(
    isRecord,
    expected("a map of names to 'url', 'srcset' or 'css'", "Such as { 'data-hero': 'url' }."),
  ),
  v.transform((input) => new Map(Object.entries(input).map(([name, kind]) => [name.toLowerCase(), kind]))),
  v.check(
    (map) => [...map.values()].every((kind) => kind === 'url' || kind === 'srcset' || kind === 'css'),
    () => "expected 'url', 'srcset' or 'css' for each attribute. They say what the attribute holds.",
  ),
  v.check(
    (map) => [...map.keys()].every((name) => /^[^\s"'<>/=]+$/.test(name)),
    () => 'expected names of attributes. A name holds no white space, quote, /, = or angle bracket.',
  ),
  v.check(
    (map) => !map.has('value'),
    () => 'expected no form values. A signed URL in a form would be saved back.',
  ),
) as Schema<ReadonlyMap<string, 'url' | 'srcset' | 'css'>>; // the kinds have been checked

export const mode: Schema<'enforce' | 'report'> = v.picklist(
  ['enforce', 'report'],
  expected("'enforce' or 'report'", "Start with 'report' to hear what would be refused."),
);

export const sharedCache: Schema<boolean> = flag;

/** @param mend - what the function is for */
export function callable<F extends (...args: never[]) => unknown>(mend: string): Schema<F> {
  return v.custom<F>((input) => typeof input === 'function', expected('a function', mend));
}

function toVariant(name: string, given: v.InferOutput<typeof policy>): ParsedVariant {
  return {
    name,
    ttl: given.ttl,
    alwaysPublic: given.alwaysPublic ?? false,
    width: given.width,
    height: given.height,
  };
}

/** One value, or a list of them that is not empty. */
function listOf<T>(
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

function isRecord(input: unknown): input is Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return false;
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === Object.prototype || prototype === null;
}

/** What stands between `//` and the path. */
function authorityOf(text: string): string {
  return text.split('/', 3)[2] ?? '';
}

function pathOf(text: string): string {
  const path = text.startsWith('/') ? text : text.slice(text.indexOf('//') + 2 + authorityOf(text).length);
  return path.replace(/\/$/, '');
}

function isPlainOrigin(text: string): boolean {
  const authority = authorityOf(text);
  return URL.canParse(`https://${authority}`) && new URL(text).host === authority.toLowerCase();
}

function isPlainPath(path: string): boolean {
  if (path === '') return true;
  const segments = path.slice(1).split('/');
  return (
    !segments.some(isDotSegment) &&
    writePath(path) === path &&
    segments.every((each) => decodeSegment(each) !== undefined)
  );
}
