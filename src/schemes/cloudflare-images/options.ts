/** The schemas of the options of Cloudflare Images: `key`, `accountHash`, `delivery` and `variants`. */
import * as v from 'valibot';
import { SigningKeys } from '../../signing/keys.ts';
import type { Base } from '../../url/base.ts';
import { decodeSegment, encodeSegment } from '../../url/canonical.ts';
import { baseText } from '../../validation/base.ts';
import { asName, asNumber, expected, expectedSecret, invalidOption } from '../../validation/message.ts';
import { flag, isRecord, listOf, type Schema, secretText, ttl } from '../../validation/schema.ts';
import type { Metadata, PictureFit, VariantRules } from '../definition.ts';
import type { DeliveryBase } from './delivery-url.ts';

/** In seconds: soon enough for an emergency replacement of a key, and rare enough for any secret manager. */
const defaultRefresh = 300;

const texts: Schema<readonly string[]> = listOf(
  secretText(
    "the signing key's text, or a list with the newest first",
    'Cloudflare shows it under Images, Keys.',
  ),
  expectedSecret('at least one key', 'Put the newest first.'),
);

type KeyFunction = () => unknown;
/** Keys that were given as text, or the function that returns them. */
export type KeyInput = SigningKeys | KeyFunction;

const givenKeys: Schema<KeyInput> = v.pipe(
  texts,
  v.transform((each) => new SigningKeys(each)),
);
const keyFunction: Schema<KeyInput> = v.custom<KeyFunction>((input) => typeof input === 'function');

export const key: Schema<KeyInput> = v.lazy((input) =>
  typeof input === 'function' ? keyFunction : givenKeys,
);

/**
 * @param refreshAfter - the option `keyRefresh`, in seconds
 * @throws ImageSignerError INVALID_OPTION for `keyRefresh` with a key that is text
 */
export function keysOf(input: KeyInput, refreshAfter: number | undefined): SigningKeys {
  if (typeof input === 'function')
    return new SigningKeys({ fetch: input, readTexts, refreshAfter: refreshAfter ?? defaultRefresh });
  if (refreshAfter === undefined) return input;
  throw invalidOption(
    'keyRefresh',
    'expected a function as `key`, got text, which never changes. Leave keyRefresh out, or write key: () => ….',
  );
}

/** @throws ImageSignerError INVALID_OPTION, whose message never shows the input */
function readTexts(got: unknown): readonly string[] {
  const result = v.safeParse(texts, got, { abortEarly: true });
  if (result.success) return result.output;
  throw invalidOption('key', `${result.issues[0].message} The function \`key\` returned it.`);
}

/** An account hash: the path segment before the image id. */
const hash: Schema<string> = v.pipe(
  v.string(
    expected(
      'an account hash',
      "It is the first part of a delivery URL's path, such as 'cheeW4oKsx5ljh8e8BoL2A'.",
    ),
  ),
  v.check(
    (text) => decodeSegment(text) === text,
    expected('an account hash', 'It is one path segment without escapes, slashes or white space.'),
  ),
);

export const accountHash: Schema<readonly string[]> = listOf(
  hash,
  expected('at least one account hash', 'Leave accountHash out to sign for any account.'),
);

const baseHint =
  "For example, 'https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery' or '/images'.";

const baseAlone: Schema<Base> = baseText(
  'a URL, a path that begins with /, or { base, accountHash }',
  baseHint,
);

const baseWithAccount: Schema<DeliveryBase> = v.pipe(
  v.strictObject({ base: baseAlone, accountHash: hash }, (issue) =>
    issue.expected === 'never'
      ? 'is not part of a delivery. It has base and accountHash.'
      : `expected base and accountHash, got only one of them. ${baseHint}`,
  ),
  v.transform(({ base, accountHash: account }) => ({ ...base, accountHash: account })),
);

const baseOfAnyAccount: Schema<DeliveryBase> = v.pipe(
  baseAlone,
  v.transform((base) => ({ ...base, accountHash: undefined })),
);

/** The base URLs of the images. */
export const delivery: Schema<readonly DeliveryBase[]> = v.pipe(
  listOf(
    v.lazy((input) => (isRecord(input) ? baseWithAccount : baseOfAnyAccount)),
    expected('at least one base', 'Leave delivery out for https://imagedelivery.net.'),
  ),
  v.check(
    (bases) => new Set(bases.map(({ authority, path }) => `${authority}${path}`)).size === bases.length,
    () => 'expected each base once, got one of them twice. Remove the duplicate.',
  ),
);

export const variantName: Schema<string> = v.pipe(
  v.string(expected("a variant's name", "Write it as Cloudflare lists it, such as 'public'.")),
  // https://developers.cloudflare.com/images/optimization/hosted-images/enable-flexible-variants/
  v.check(
    (name) => !/^[\w-]+=/.test(name),
    expected(
      'a named variant',
      'A flexible variant such as w=400,h=300 cannot be signed: Cloudflare offers it only for public images. Create a named variant for it.',
      asName,
    ),
  ),
  v.check(
    (name) => name !== '*',
    expected(
      'the name of one variant',
      'There is no wildcard: list each variant that may be signed.',
      asName,
    ),
  ),
  v.check(
    (name) => encodeSegment(name) !== undefined,
    expected(
      'a name that a path segment can hold',
      'It cannot be "." or "..", or contain a slash, backslash, ?, #, ^, control character or percent-encoding.',
      asName,
    ),
  ),
);

const dimension: Schema<number> = v.custom<number>(
  (input) => Number.isInteger(input) && (input as number) > 0 && (input as number) <= 100_000,
  expected('a whole number of pixels above 0, at most 100000', 'Leave it out if it is not known.', asNumber),
);

const fit: Schema<PictureFit> = v.picklist(
  ['scale-down', 'contain', 'cover', 'crop', 'pad'],
  expected(
    "'scale-down', 'contain', 'cover', 'crop' or 'pad'",
    'See https://developers.cloudflare.com/images/optimization/hosted-images/create-variants/.',
    asName,
  ),
);

const blur: Schema<number> = v.custom<number>(
  (input) => typeof input === 'number' && input >= 1 && input <= 250,
  expected('a number from 1 to 250', 'Leave it out for no blur.', asNumber),
);

const metadata: Schema<Metadata> = v.picklist(
  ['keep', 'copyright', 'none'],
  expected("'keep', 'copyright' or 'none'", "The default is 'none'.", asName),
);

const policy = v.pipe(
  v.custom<object>(isRecord, expected('a policy', 'Write {} for a variant without one.', asNumber)),
  v.strictObject(
    {
      ttl: v.optional(ttl),
      alwaysPublic: v.optional(flag),
      width: v.optional(dimension),
      height: v.optional(dimension),
      fit: v.optional(fit),
      blur: v.optional(blur),
      metadata: v.optional(metadata),
    },
    () => 'is not part of a policy. A variant has ttl, alwaysPublic, width, height, fit, blur and metadata.',
  ),
);

const variantNames: Schema<VariantRules[]> = v.pipe(
  v.array(variantName),
  v.check(
    (names) => new Set(names).size === names.length,
    expected('each variant once', 'Remove the duplicate.'),
  ),
  v.transform((names) => names.map((name) => toVariant(name, {}))),
);

/** Not `v.record`, which drops a variant named `constructor`. */
const variantPolicies: Schema<VariantRules[]> = v.pipe(
  v.custom<object>(
    isRecord,
    expected(
      'a list of names, or a map of names to policies',
      "For example, ['thumb', 'card'] or { thumb: { width: 320 } }.",
      asName,
    ),
  ),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const variants: VariantRules[] = [];
    for (const [name, value] of Object.entries(dataset.value)) {
      const result = v.safeParse(v.strictObject({ name: variantName, policy }), { name, policy: value });
      if (result.success) variants.push(toVariant(result.output.name, result.output.policy));
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

/** A list of names, or a map of names to policies. */
export const variants: Schema<readonly VariantRules[]> = v.pipe(
  v.unknown(),
  v.check(
    (input) => !(Array.isArray(input) || isRecord(input)) || Object.keys(input).length > 0,
    expected('at least one variant', 'Only listed variants are signed.'),
  ),
  v.lazy((input) => (Array.isArray(input) ? variantNames : variantPolicies)),
);

function toVariant(name: string, given: v.InferOutput<typeof policy>): VariantRules {
  const { ttl: ownTtl, alwaysPublic, width, height, fit: ownFit, blur: ownBlur, metadata: kept } = given;
  return {
    name,
    ttl: ownTtl,
    alwaysPublic: alwaysPublic ?? false,
    width,
    picture: { fit: ownFit ?? 'scale-down', width, height, blur: ownBlur, metadata: kept ?? 'none' },
  };
}
