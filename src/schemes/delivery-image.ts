/** What a URL names, as apps see it, and what reading and verifying it may come to. */
import type { TokenFailure } from './definition.ts';

/**
 * The image that a URL names: what `authorize` is asked about, and what `verifyImage` returns. Schemes other than Cloudflare
 * Images have neither `accountHash` nor `variant`: both are undefined there.
 */
export interface DeliveryImage {
  /** The delivery URL, without a token: `'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/photo-1/thumb'`. */
  readonly url: string;
  /** The base that the URL begins with, as the option `delivery` gives it. */
  readonly base: string;
  /** The account that the image belongs to, as a delivery URL writes it. */
  readonly accountHash: string;
  /** The image id, percent-decoded. It may contain slashes: use it for look-ups, not to build paths. */
  readonly id: string;
  /** The name of the variant, percent-decoded. */
  readonly variant: string;
}

/** Why a URL under a base may not be signed. */
export type ResolveFailure =
  | 'not-a-delivery-url'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'scheme-failed';

export type VerifiedToken =
  | { readonly ok: true; readonly expiresAt: number; readonly keyIndex: number }
  | { readonly ok: false; readonly reason: TokenFailure };
