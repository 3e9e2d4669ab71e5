/** Resolves a URL to an image that may be signed, or to the reason why not. The only place that checks the allowlists. */
import { maxUrlLength } from '../limits.ts';
import type { Configuration, Variant } from '../options/configuration.ts';
import type { DeliveryImage } from '../options/types.ts';
import {
  accountHashOf,
  type DeliveryBase,
  type DeliveryMatch,
  imageIdOf,
  isSpelledAsSigned,
  matchDelivery,
} from '../schemes/cloudflare-images/delivery-url.ts';
import { signMatch } from '../schemes/cloudflare-images/sign.ts';
import { withoutToken } from '../schemes/cloudflare-images/token.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import type { SigningKeys } from '../signing/keys.ts';
import { encodeSegment } from '../url/canonical.ts';

export interface ResolvedImage {
  readonly match: DeliveryMatch;
  readonly variant: Variant;
}

export type ResolveFailure = 'not-a-delivery-url' | 'account-not-allowed' | 'variant-not-allowed';

/** @returns `'unknown'` for a URL under no base */
export function resolve(
  text: string,
  configuration: Configuration,
): ResolvedImage | ResolveFailure | 'unknown' {
  if (text.length > maxUrlLength) return 'unknown';
  const match = matchDelivery(text, configuration.bases);
  return match === undefined ? 'unknown' : checkAllowed(match, configuration);
}

/**
 * The same for a URL that is verified: its path has to be written as it is signed.
 * @param bases - those of the configuration, or the paths of them in the guard
 */
export function resolveAsSigned(
  text: string,
  configuration: Configuration,
  bases: readonly DeliveryBase[],
): ResolvedImage | ResolveFailure {
  const match = text.length > maxUrlLength ? undefined : matchDelivery(text, bases);
  if (typeof match !== 'object' || !isSpelledAsSigned(match)) return 'not-a-delivery-url';
  return checkAllowed(match, configuration);
}

export function imageOf(match: DeliveryMatch): DeliveryImage {
  return {
    url: withoutToken(match.text, match.reference),
    base: match.base.text,
    accountHash: accountHashOf(match),
    id: imageIdOf(match),
    variant: match.variant,
  };
}

/** The URL with another variant; everything else stays as written. */
export function withVariant(match: DeliveryMatch, variant: string): string {
  const { text, reference } = match;
  const start = text.lastIndexOf('/', reference.query - 1) + 1;
  return `${text.slice(0, start)}${encodeSegment(variant)}${text.slice(reference.query)}`;
}

/**
 * The delivery URL of an image id, which is plain text and is percent-encoded here.
 * @returns undefined if a segment of the id cannot be encoded (`encodeSegment`)
 */
export function urlOfId(
  id: string,
  account: string,
  variant: string,
  base: DeliveryBase,
): string | undefined {
  const segments = id.split('/').map(encodeSegment);
  if (segments.includes(undefined)) return undefined;
  const prefix = base.accountHash === undefined ? `${base.text}/${account}` : base.text;
  return `${prefix}/${segments.join('/')}/${encodeSegment(variant)}`;
}

function checkAllowed(
  match: DeliveryMatch | 'not-canonical',
  configuration: Configuration,
): ResolvedImage | ResolveFailure {
  if (match === 'not-canonical') return 'not-a-delivery-url';
  if (configuration.accounts?.has(accountHashOf(match)) === false) return 'account-not-allowed';
  const variant = configuration.variants.get(match.variant);
  return variant === undefined ? 'variant-not-allowed' : { match, variant };
}

/** @returns undefined if the signed URL is too long */
export function signResolved(
  { match }: ResolvedImage,
  keys: SigningKeys,
  exp: EpochSeconds,
): string | undefined {
  const url = signMatch(match, keys, exp);
  return url.length > maxUrlLength ? undefined : url;
}
