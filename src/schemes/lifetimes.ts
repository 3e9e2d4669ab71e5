/** How long the tokens of a scheme's images live: by the signer's options, and by the variant's own. */
import { type ExpiryTerms, stepOf } from '../signing/expiry.ts';
import type { Definition, VariantRules } from './definition.ts';

/** How long the tokens of an image live. */
export interface UrlLifetime extends ExpiryTerms {
  /** Its URLs carry no token. */
  readonly alwaysPublic: boolean;
}

/** A variant with the times in force for it, in seconds. */
export type Variant = Omit<VariantRules, 'ttl'> & UrlLifetime;

/** What a signer says of the times of its tokens, in seconds. */
export interface Times {
  readonly ttl: number;
  /** Undefined: a quarter of the ttl in force. */
  readonly stableFor?: number | undefined;
}

/** Of an image without a variant. */
export function lifetimeOf({ ttl, stableFor }: Times): UrlLifetime {
  return { ttl, step: stepOf(ttl, stableFor), alwaysPublic: false };
}

/** Empty for a store that has none. A map, so that `constructor` is no variant unless it is on the list. */
export function variantsOf(
  { variants }: Definition,
  { ttl, stableFor }: Times,
): ReadonlyMap<string, Variant> {
  const all = new Map<string, Variant>();
  for (const [name, rules] of variants?.rules ?? []) {
    const own = rules.ttl ?? ttl;
    all.set(name, { ...rules, ttl: own, step: stepOf(own, stableFor) });
  }
  return all;
}
