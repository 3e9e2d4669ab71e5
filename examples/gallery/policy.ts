/** For how long URLs are valid, and in which sizes. It does not know the viewer. */
import type { SignerOptions } from 'image-signer';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import { type VariantName, variants } from './variants.ts';

export type LoanTerms = Pick<SignerOptions, 'ttl' | 'stableFor'>;

/** Within `stableFor` a URL stays the same, so browsers can cache the picture. */
const terms: LoanTerms = { ttl: '1h', stableFor: '15m' };
/** The longest lifetime of a token, in seconds: `ttl` plus `stableFor`. */
export const longestLife: number = 75 * 60;

/** A signer's options without `authorize`, whose argument depends on the framework. */
export function lendingOptions(
  { key, accountHash, base, absoluteBase }: Delivery,
  clock: Clock,
  { ttl, stableFor }: LoanTerms = terms,
): Omit<SignerOptions<VariantName>, 'authorize'> {
  const delivery = base === absoluteBase ? base : [base, absoluteBase];
  return { key, ttl, stableFor, variants, accountHash, delivery, deniedVariant: 'preview', now: clock.now };
}
