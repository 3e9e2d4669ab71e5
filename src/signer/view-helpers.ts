/**
 * `signImage` and `signSrcset` for views. They throw for a mistake in a template, and return data that cannot be signed
 * (a Gravatar, `null`) unchanged, so that data never breaks a page.
 */
import type { ImageSignerErrorCode } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import type { SkipReason } from '../options/events.ts';
import type { ResponseInProgress } from './core.ts';
import type { Hint } from './events.ts';
import { nameProblemOfArgument } from './helper-arguments.ts';
import type { PageSigning } from './page-signing.ts';
import { explainUnmatched } from './resolve.ts';
import {
  checkLifeInData,
  type NamedArguments,
  readTemplateArguments,
  type TemplateArguments,
} from './template-arguments.ts';

export interface ViewHelpers {
  signImage(image: unknown, variant?: unknown, options?: unknown): unknown;
  signSrcset(image: unknown, candidates?: unknown, options?: unknown): unknown;
}

interface Bound {
  readonly response: { begin(): ResponseInProgress | undefined };
  readonly configuration: Pick<Configuration, 'variants' | 'schemes' | 'shortestTtl'>;
}

/**
 * Bound functions, as in `request-helpers.ts`: every response gets them.
 * @param response - `begin` is called with the first call; it returns undefined if the clock cannot be trusted
 */
export function createViewHelpers(
  response: Bound['response'],
  configuration: Bound['configuration'],
): ViewHelpers {
  const bound: Bound = { response, configuration };
  return { signImage: signImage.bind(undefined, bound), signSrcset: signSrcset.bind(undefined, bound) };
}

function signImage(bound: Bound, ...all: readonly unknown[]): unknown {
  const given = readTemplateArguments(all);
  const { positional, named } = given;
  const [image, variant, options] = positional as Parameters<ViewHelpers['signImage']>;
  const { variants } = bound.configuration;
  const isUnknown = variant !== undefined && !variants.has(variant as string);
  return lenient(bound, image, given, isUnknown, (signer, text) =>
    signer.signImage(text, variant, mergeNamed(options, named)),
  );
}

function signSrcset(bound: Bound, ...all: readonly unknown[]): unknown {
  const given = readTemplateArguments(all);
  const { positional, named } = given;
  const candidates = mergeNamed(positional[1], pick(named, isCandidate));
  const isUnknown = namesUnknown(candidates, bound.configuration.variants);
  return lenient(bound, positional[0], given, isUnknown, (signer, text) =>
    signer.signSrcset(text, candidates, mergeNamed(positional[2], pick(named, isOption))),
  );
}

function lenient(
  { response, configuration }: Bound,
  image: unknown,
  { named, mayBeData }: TemplateArguments,
  namesUnknownVariant: boolean,
  sign: (signer: PageSigning, image: string) => string,
): unknown {
  const inProgress = response.begin();
  if (inProgress === undefined) return image;
  if (mayBeData) checkLifeInData(named, configuration.shortestTtl, inProgress.now);
  try {
    return sign(inProgress.signer, image as string); // throws with a code for anything but text
  } catch (error) {
    const reason = skipReason((error as { readonly code?: ImageSignerErrorCode }).code, namesUnknownVariant);
    if (reason === undefined) throw error;
    const { reporter } = inProgress;
    if (reporter.isListening) reporter.skipped(image, ...reasonAndHint(image, reason, configuration));
    return image;
  }
}

/** Why the image is not signed, and how to mend that. */
function reasonAndHint(
  image: unknown,
  reason: SkipReason,
  configuration: Bound['configuration'],
): [reason: SkipReason, hint?: Hint] {
  if (reason !== 'not-a-delivery-url' || typeof image !== 'string') return [reason];
  const problem = nameProblemOfArgument(image, configuration);
  if (problem !== undefined) return ['object-name', { problem }];
  const unmatched = explainUnmatched(image, configuration);
  return unmatched === undefined ? [reason] : [unmatched.reason, unmatched];
}

/** The other named arguments of `signSrcset` are candidates. */
function isOption(name: string): boolean {
  return name === 'ttl' || name === 'expiresAt' || name === 'authorize';
}

function isCandidate(name: string): boolean {
  return !isOption(name);
}

function pick(named: NamedArguments, belongs: (name: string) => boolean): NamedArguments {
  const entries = Object.entries(named ?? {}).filter(([name]) => belongs(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** Named arguments override the positional object. Anything but an object stays, so that it is refused later. */
function mergeNamed(positional: unknown, named: NamedArguments): unknown {
  if (named === undefined || positional === null) return positional;
  return positional === undefined || typeof positional === 'object'
    ? { ...positional, ...named }
    : positional;
}

/** @returns undefined for a mistake in the template */
function skipReason(
  code: ImageSignerErrorCode | undefined,
  namesUnknownVariant: boolean,
): SkipReason | undefined {
  switch (code) {
    case 'VARIANT_NOT_ALLOWED':
      return namesUnknownVariant ? undefined : 'variant-not-allowed';
    case 'ACCOUNT_NOT_ALLOWED':
      return 'account-not-allowed';
    case 'NOT_A_DELIVERY_URL':
      return 'not-a-delivery-url';
    case 'SCHEME_FAILED':
      return 'scheme-failed';
    default:
      return undefined;
  }
}

function namesUnknown(candidates: unknown, variants: ReadonlyMap<string, unknown>): boolean {
  return (
    typeof candidates === 'object' &&
    candidates !== null &&
    Object.keys(candidates).some((name) => !variants.has(name))
  );
}
