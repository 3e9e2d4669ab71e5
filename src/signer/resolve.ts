/** Resolves a URL to an image that may be signed, or to the reason why not, by the first scheme that knows it. */
import type { Configuration } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { Unmatched } from '../schemes/definition.ts';
import type { NameProblem } from '../schemes/object-name.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import type { Hint } from './reporter.ts';

type Schemes = Pick<Configuration, 'schemes'>;

/** @returns `'unknown'` for a URL under no base */
export function resolve(text: string, { schemes }: Schemes): ResolvedImage | ResolveFailure | 'unknown' {
  for (const scheme of schemes) {
    const resolved = scheme.resolve(text);
    if (resolved !== undefined) return resolved;
  }
  return 'unknown';
}

/** The URL under a scheme's own base that one under its `from` stands for; undefined for any other. */
export function rename(text: string, { schemes }: Schemes): string | undefined {
  for (const scheme of schemes) {
    const renamed = scheme.rename(text);
    if (renamed !== undefined) return renamed;
  }
  return undefined;
}

/** Resolves a URL to verify, which has to be spelled as it is signed. */
export function resolveSigned(text: string, { schemes }: Schemes): ResolvedImage | ResolveFailure {
  for (const scheme of schemes) {
    const resolved = scheme.resolveSigned(text);
    if (resolved !== undefined) return resolved;
  }
  return 'not-a-delivery-url';
}

/** Why no scheme signs the URL, if that is for the name of its object. */
export function nameProblemOf(text: string, { schemes }: Schemes): NameProblem | undefined {
  for (const scheme of schemes) {
    const problem = scheme.nameProblem(text);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Why a URL that looks like one of a store is not; undefined where no scheme can say. */
export function explainUnmatched(text: string, { schemes }: Schemes): Unmatched | undefined {
  return schemes.find(({ unmatching }) => unmatching !== undefined)?.unmatching?.explain(text);
}

/**
 * Why a URL stays as it is, and how to fix it. A page is full of URLs under no base: of these, only one that looks like an
 * image of the store gets a reason.
 * @param failure - what `resolve` has returned for it
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

/** A URL of an image without its token; anything else as it is. */
export function unsign(text: string, { schemes }: Schemes): string {
  for (const scheme of schemes) {
    const bare = scheme.unsign(text);
    if (bare !== undefined) return bare;
  }
  return text;
}

/** Why a URL could not be signed. */
export function failureOf(error: unknown): SkipReason {
  return (error as { readonly code?: unknown }).code === 'NOT_A_DELIVERY_URL'
    ? 'not-a-delivery-url'
    : 'scheme-failed';
}
