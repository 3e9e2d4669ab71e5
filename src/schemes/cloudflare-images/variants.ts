/** The option `variants`: a list of names, or a map of names to policies. */
import * as v from 'valibot';
import { encodeSegment } from '../../url/canonical.ts';
import { ttl } from '../../validation/duration.ts';
import { asName, asNumber, expected } from '../../validation/message.ts';
import { flag, isRecord, type Schema } from '../../validation/schema.ts';
import type { VariantRules } from '../definition.ts';

export const variantName: Schema<string> = v.pipe(
  v.string(expected("a variant's name", "Write it as Cloudflare lists it, such as 'public'.")),
  // https://developers.cloudflare.com/images/optimization/hosted-images/enable-flexible-variants/
  v.check(
    (name) => !/^[\w-]+=/.test(name),
    expected(
      'a named variant',
      'A flexible variant such as w=400,h=300 cannot be signed: Cloudflare serves it of public images only. Create a named variant for it.',
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
      'No slash, backslash, ?, #, ^ or control character, nothing percent-encoded, and not "." or "..".',
      asName,
    ),
  ),
);

const dimension: Schema<number> = v.custom<number>(
  (input) => Number.isInteger(input) && (input as number) > 0 && (input as number) <= 100_000,
  expected('a whole number of pixels above 0, at most 100000', 'Leave it out if it is not known.', asNumber),
);

const policy = v.pipe(
  v.custom<object>(isRecord, expected('a policy', 'Write {} for a variant without one.', asNumber)),
  v.strictObject(
    {
      ttl: v.optional(ttl),
      alwaysPublic: v.optional(flag),
      width: v.optional(dimension),
      height: v.optional(dimension),
    },
    () => 'is not part of a policy. A variant has ttl, alwaysPublic, width and height.',
  ),
);

const variantNames: Schema<VariantRules[]> = v.pipe(
  v.array(variantName),
  v.check(
    (names) => new Set(names).size === names.length,
    expected('each variant once', 'Take the second one out.'),
  ),
  v.transform((names) => names.map((name) => toVariant(name, {}))),
);

/** Not `v.record`, which drops a variant named `constructor`. */
const variantPolicies: Schema<VariantRules[]> = v.pipe(
  v.custom<object>(
    isRecord,
    expected(
      'a list of names, or a map of names to policies',
      "Such as ['thumb', 'card'] or { thumb: { width: 320 } }.",
      asName,
    ),
  ),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const variants: VariantRules[] = [];
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

export const variants: Schema<readonly VariantRules[]> = v.pipe(
  v.unknown(),
  v.check(
    (input) => !(Array.isArray(input) || isRecord(input)) || Object.keys(input).length > 0,
    expected('at least one variant', 'Only the variants that it names are signed.'),
  ),
  v.lazy((input) => (Array.isArray(input) ? variantNames : variantPolicies)),
);

/** `height` is checked, but nothing uses it. */
function toVariant(name: string, given: v.InferOutput<typeof policy>): VariantRules {
  return {
    name,
    ttl: given.ttl,
    alwaysPublic: given.alwaysPublic ?? false,
    width: given.width,
  };
}
