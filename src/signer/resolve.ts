/**
 * Resolves a URL to an image that may be signed, or to the reason why not. If two schemes share a base, as two accounts do, the
 * first that accepts the URL signs it. If none does, the closest refusal counts, or the first of equals.
 */
import type { Configuration } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import type { BoundScheme, ResolvedImage } from '../schemes/bound.ts';
import type { Unmatched } from '../schemes/definition.ts';
import type { NameProblem } from '../schemes/object-name.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import type { Hint } from './reporter.ts';

type Schemes = Pick<Configuration, 'schemes'>;

/** The later, the closer a URL was to a signed one: in another account's scheme, the variant does not matter. */
const closeness: readonly ResolveFailure[] = [
  'not-a-delivery-url',
  'scheme-failed',
  'account-not-allowed',
  'variant-not-allowed',
];

function closer(one: ResolveFailure | undefined, other = one): ResolveFailure | undefined {
  if (one === undefined || other === undefined) return other;
  return closeness.indexOf(other) > closeness.indexOf(one) ? other : one;
}

/** @returns `'unknown'` for a URL under no base */
export function resolve(text: string, { schemes }: Schemes): ResolvedImage | ResolveFailure | 'unknown' {
  let refusal: ResolveFailure | undefined;
  for (const scheme of schemes) {
    const resolved = scheme.resolve(text);
    if (typeof resolved === 'object') {
      const isDirect = schemes.length === 1 || resolved.text === text;
      return isDirect ? resolved : firstOwner(resolved, schemes);
    }
    refusal = closer(refusal, resolved);
  }
  return refusal ?? 'unknown';
}

/** A URL under `from` is sent as one under a base, which may belong to an earlier scheme: each URL has one token. */
function firstOwner(renamed: ResolvedImage, schemes: readonly BoundScheme[]): ResolvedImage {
  for (const scheme of schemes) {
    const resolved = scheme.resolve(renamed.text);
    if (typeof resolved === 'object' && resolved.text === renamed.text) return resolved;
  }
  return renamed;
}

/** The scheme that has a URL, signed or not; undefined for any other text. */
export function ownerOf(text: string, { schemes }: Schemes): BoundScheme | undefined {
  return (
    schemes.find((scheme) => scheme.signs(text)) ??
    schemes.find((scheme) => scheme.unsign(text) !== undefined)
  );
}

/** For a URL under a scheme's `from`, its URL under the scheme's own base; undefined for any other. */
export function rename(text: string, { schemes }: Schemes): string | undefined {
  for (const scheme of schemes) {
    const renamed = scheme.rename(text);
    if (renamed !== undefined) return renamed;
  }
  return undefined;
}

/** Resolves a URL to verify, which must be spelled as it is signed. */
export function resolveSigned(text: string, { schemes }: Schemes): ResolvedImage | ResolveFailure {
  let refusal: ResolveFailure | undefined;
  for (const scheme of schemes) {
    const resolved = scheme.resolveSigned(text);
    if (typeof resolved === 'object') return resolved;
    refusal = closer(refusal, resolved);
  }
  return refusal ?? 'not-a-delivery-url';
}

/** Why no scheme signs the URL, if its object's name is the reason. */
export function nameProblemOf(text: string, { schemes }: Schemes): NameProblem | undefined {
  for (const scheme of schemes) {
    const problem = scheme.nameProblem(text);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Why a URL that looks like a store's isn't one; undefined if no scheme knows. */
export function explainUnmatched(text: string, { schemes }: Schemes): Unmatched | undefined {
  return schemes.find(({ definition }) => definition.unmatching)?.definition.unmatching?.explain(text);
}

/**
 * Why a URL stays as it is, and how to fix it. A page has many URLs under no base: only those that look like an image of the
 * store get a reason.
 * @param failure - the result of `resolve`
 * @returns undefined for a URL that needs no report
 */
export function explainSkipped(
  url: string,
  failure: ResolveFailure | 'unknown',
  schemes: Schemes,
): readonly [reason: SkipReason, hint?: Hint] | undefined {
  if (failure !== 'unknown' && failure !== 'not-a-delivery-url') return [failure];
  const isUnderBase = failure === 'not-a-delivery-url';
  const problem = isUnderBase ? nameProblemOf(url, schemes) : undefined;
  if (problem !== undefined) return ['object-name', { problem }];
  const unmatched = explainUnmatched(url, schemes);
  if (unmatched === undefined) return isUnderBase ? [failure] : undefined;
  return isUnderBase || unmatched.reason === 'not-under-delivery' ? [unmatched.reason, unmatched] : undefined;
}

/** The URL of an image without its token; anything else unchanged. */
export function unsign(text: string, configuration: Schemes): string {
  return ownerOf(text, configuration)?.unsign(text) ?? text;
}

/** Why a URL could not be signed. */
export function failureOf(error: unknown): SkipReason {
  return (error as { readonly code?: unknown }).code === 'NOT_A_DELIVERY_URL'
    ? 'not-a-delivery-url'
    : 'scheme-failed';
}
