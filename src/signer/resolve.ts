/** Text -> an image that may be signed, or the reason why not. The one place where the allowlists are asked. */
import type { Configuration, Variant } from '../options/configuration.ts';
import type { DeliveryImage } from '../options/types.ts';
import { encodeSegment } from '../url/canonical.ts';
import {
  accountHashOf,
  type DeliveryBase,
  type DeliveryMatch,
  imageIdOf,
  isSpelledAsSigned,
  matchDelivery,
} from '../url/delivery.ts';
import { withoutToken } from '../url/token.ts';

export interface Located {
  readonly match: DeliveryMatch;
  readonly variant: Variant;
}

export type LocateFault = 'not-a-delivery-url' | 'account-not-allowed' | 'variant-not-allowed';

/** No request line is longer, as servers are set up, so no longer URL is worth a signature. */
export const maxUrlLength = 16_384;

/** @returns `'foreign'` for a URL under no base */
export function locate(text: string, configuration: Configuration): Located | LocateFault | 'foreign' {
  if (text.length > maxUrlLength) return 'foreign';
  const match = matchDelivery(text, configuration.bases);
  return match === undefined ? 'foreign' : judge(match, configuration);
}

/**
 * The same for a URL that is to be let through: it must spell its path as it is signed.
 * @param bases - the configuration's own, or those that the guard sees
 */
export function locateAsSigned(
  text: string,
  configuration: Configuration,
  bases: readonly DeliveryBase[],
): Located | LocateFault {
  const match = text.length > maxUrlLength ? undefined : matchDelivery(text, bases);
  if (typeof match !== 'object' || !isSpelledAsSigned(match)) return 'not-a-delivery-url';
  return judge(match, configuration);
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

/** The same image in another variant; all else as written. */
export function withVariant(match: DeliveryMatch, variant: string): string {
  const { text, reference } = match;
  const start = text.lastIndexOf('/', reference.query - 1) + 1;
  return `${text.slice(0, start)}${encodeSegment(variant)}${text.slice(reference.query)}`;
}

/**
 * The delivery URL of an image id, which is plain text and gets encoded.
 * @returns undefined for what is no id: a segment of it is empty, a dot segment, or cannot be written in one way only
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

function judge(match: DeliveryMatch | 'not-canonical', configuration: Configuration): Located | LocateFault {
  if (match === 'not-canonical') return 'not-a-delivery-url';
  if (configuration.accounts?.has(accountHashOf(match)) === false) return 'account-not-allowed';
  const variant = configuration.variants.get(match.variant);
  return variant === undefined ? 'variant-not-allowed' : { match, variant };
}
