/** What pictures are lent by: for how long, in which sizes. It does not know who asks. */
import type { SignerOptions } from 'image-signer';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import { type VariantName, variants } from './variants.ts';

export type LoanTerms = Pick<SignerOptions, 'ttl' | 'stableFor'>;

/** Within `stableFor` a URL stays the same, and the picture cached. */
const terms: LoanTerms = { ttl: '1h', stableFor: '15m' };
/** The longest that a token lives: `ttl` and `stableFor`, in seconds. */
export const longestLife: number = 75 * 60;

/** A signer's options but for `authorize`, which each framework asks in its own way. */
export function lendingOptions(
  { key, accountHash, base, absoluteBase }: Delivery,
  clock: Clock,
  { ttl, stableFor }: LoanTerms = terms,
): Omit<SignerOptions<VariantName>, 'authorize'> {
  const delivery = base === absoluteBase ? base : [base, absoluteBase];
  return { key, ttl, stableFor, variants, accountHash, delivery, deniedVariant: 'preview', now: clock.now };
}
