/**
 * When a token expires, and how long before that it begins. A scheme that signs the time of issue computes it from both, so that
 * every machine makes the same URL. It is never in the future.
 */
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme, ResolvedImage } from '../schemes/bound.ts';
import { type EpochSeconds, type ExpiryTerms, expiryOf, stepOf } from '../signing/expiry.ts';
import { invalidOption } from '../validation/message.ts';
import type { Validity } from './sign-options.ts';

export interface Terms {
  readonly exp: EpochSeconds;
  readonly life: ExpiryTerms;
}

/** The expiry by the image's own lifetime. No token outlives the secret that signs it. */
export function expiryAt(now: EpochSeconds, { ttl, step }: ExpiryTerms, scheme: BoundScheme): EpochSeconds {
  const exp = expiryOf(now, ttl, step);
  return scheme.secret === undefined ? exp : (Math.min(exp, scheme.secretEndsAt) as EpochSeconds);
}

/**
 * @param validity - of the call or the page; undefined for the image's own lifetime
 * @throws ImageSignerError INVALID_OPTION for a life that the scheme cannot give
 */
export function termsOf(
  { lifetime, scheme }: ResolvedImage,
  validity: Validity | undefined,
  now: EpochSeconds,
  stableFor: number | undefined,
): Terms {
  if (validity === undefined) return { exp: expiryAt(now, lifetime, scheme), life: lifetime };
  const own = 'ttl' in validity ? expiryTermsOf(validity.ttl, stableFor) : undefined;
  const wanted = 'expiresAt' in validity ? validity.expiresAt : expiryOf(now, validity.ttl, own!.step);
  const exp = Math.min(wanted, scheme.secretEndsAt) as EpochSeconds;
  // It expires no later than the image's own tokens, so their life fits: it began in the past.
  if (exp - now <= lifetime.ttl + lifetime.step) return { exp, life: lifetime };
  const life = own ?? { ttl: roundUp(exp - now, scheme.longestLife), step: 0 };
  checkLife(life, scheme, own === undefined ? 'expiresAt' : 'ttl');
  return { exp, life };
}

/** For a ttl of a call or a page. */
function expiryTermsOf(ttl: number, stableFor: number | undefined): ExpiryTerms {
  return { ttl, step: stepOf(ttl, stableFor) };
}

/**
 * @param ttl - of a page or a call, in seconds
 * @throws ImageSignerError INVALID_OPTION for a ttl that a scheme cannot give
 */
export function checkTtl(
  ttl: number,
  { schemes, stableFor }: Pick<Configuration, 'schemes' | 'stableFor'>,
): void {
  for (const scheme of schemes) checkLife(expiryTermsOf(ttl, stableFor), scheme, 'ttl');
}

/** @throws ImageSignerError INVALID_OPTION */
function checkLife({ ttl, step }: ExpiryTerms, scheme: BoundScheme, option: 'ttl' | 'expiresAt'): void {
  const longest = Math.min(scheme.longestLife, scheme.fixedLife ?? Infinity);
  if (ttl + step <= longest) return;
  throw invalidOption(
    option,
    `expected a token of at most ${longest} seconds, the limit of ${scheme.name}, got ${ttl + step}${step > 0 ? ', with the step of stableFor' : ''}. Use a shorter one, and sign the URL again before it expires.`,
  );
}

/** To a power of two, which stays the same for a long time, so the URL for one expiry also stays the same. */
function roundUp(seconds: number, longest: number): number {
  const power = 2 ** Math.ceil(Math.log2(seconds));
  return power > longest && seconds <= longest ? longest : power;
}
