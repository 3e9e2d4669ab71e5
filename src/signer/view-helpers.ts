/**
 * The helpers as views have them: a template's own mistake is thrown, data that is not to be signed comes back as it
 * is. What an engine makes of a call is taken off before.
 */
import type { ImageSignerErrorCode } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import type { SkipReason } from '../options/types.ts';
import type { ResponseInProgress } from './core.ts';
import type { ResponseSigner } from './response-signer.ts';
import { type Named, readTemplateArguments } from './template-arguments.ts';

export interface ViewHelpers {
  signImage(image: unknown, variant?: string, options?: unknown): unknown;
  signSrcset(image: unknown, candidates?: unknown, options?: unknown): unknown;
}

/** @param response - begun when a view first calls one of them; undefined where it cannot be, as without a clock */
export function createViewHelpers(
  response: { begin(): ResponseInProgress | undefined },
  { variants }: Pick<Configuration, 'variants'>,
): ViewHelpers {
  const lenient = (
    image: unknown,
    isNamed: boolean,
    sign: (signer: ResponseSigner, image: string) => string,
  ): unknown => {
    const inProgress = response.begin();
    if (inProgress === undefined) return image;
    try {
      return sign(inProgress.signer, image as string); // refused with a code if it is none
    } catch (error) {
      const reason = skipReason((error as { readonly code?: ImageSignerErrorCode }).code, isNamed);
      if (reason === undefined) throw error;
      inProgress.reporter.skipped(image, reason);
      return image;
    }
  };
  return {
    signImage: (...all) => {
      const { given, named } = readTemplateArguments(all);
      const [image, variant, options] = given as Parameters<ViewHelpers['signImage']>;
      return lenient(image, variant !== undefined && !variants.has(variant), (signer, text) =>
        signer.signImage(text, variant, withNamed(options, named)),
      );
    },
    signSrcset: (...all) => {
      const { given, named } = readTemplateArguments(all);
      const wanted = withNamed(given[1], only(named, isCandidate));
      return lenient(given[0], namesUnknown(wanted, variants), (signer, text) =>
        signer.signSrcset(text, wanted, withNamed(given[2], only(named, isOption))),
      );
    },
  };
}

/** What may be named in a `signSrcset` besides candidates. */
function isOption(name: string): boolean {
  return name === 'ttl' || name === 'expiresAt';
}

function isCandidate(name: string): boolean {
  return !isOption(name);
}

function only(named: Named, belongs: (name: string) => boolean): Named {
  const entries = Object.entries(named ?? {}).filter(([name]) => belongs(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** What is named goes on top of what is given in its place, unless that is no object, and refused as such. */
function withNamed(given: unknown, named: Named): unknown {
  if (named === undefined || given === null) return given;
  return given === undefined || typeof given === 'object' ? { ...given, ...named } : given;
}

/** Why the data is not signed; undefined for a mistake of the template. */
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
    case 'ACCOUNT_REQUIRED':
    case 'VARIANT_REQUIRED':
      return 'not-a-delivery-url';
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
