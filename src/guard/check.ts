/**
 * Which requests for images are let through: a valid token, or a variant that is always public; nothing else. It
 * decides from the request's target as the client sent it, and knows neither frameworks nor responses.
 */
import type { Configuration } from '../options/configuration.ts';
import type { RefusalReason } from '../options/types.ts';
import { isTrustworthy } from '../signer/clock.ts';
import { type Verification, verifyUrl } from '../signer/verification.ts';
import type { DeliveryBase } from '../url/delivery.ts';

export type SignedImage = Extract<Verification, { readonly ok: true }>;

export type GuardResult =
  | { readonly pass: SignedImage }
  | { readonly refuse: 403 | 404; readonly reason: RefusalReason };

/** The paths of the bases: which host a request came to is the server's business. */
export function basesByPath(bases: readonly DeliveryBase[]): DeliveryBase[] {
  const byPath = new Map(
    bases.map((base) => [`${base.path} ${base.accountHash ?? ''}`, { ...base, authority: undefined }]),
  );
  return [...byPath.values()];
}

/** From what says least about the image to what says most. */
const reasons: readonly RefusalReason[] = [
  'not-a-delivery-url',
  'account-not-allowed',
  'variant-not-allowed',
  'missing-signature',
  'malformed-signature',
  'bad-signature',
  'expired',
];

/**
 * Without their hosts several bases may fit one target: it is let through if it is good under any of them.
 * @param target - the request's target: a path and a query. An absolute URL, or a fragment, is no image's.
 * @param now - in milliseconds; a time that cannot be believed lets through what needs no token alone
 */
export function checkTarget(
  target: string,
  configuration: Configuration,
  bases: readonly DeliveryBase[],
  now: number,
): GuardResult {
  let furthest = 0;
  for (const base of target.includes('#') ? [] : bases) {
    const verification = verifyUrl(target, configuration, [base], now);
    if (verification.ok) return { pass: verification };
    furthest = Math.max(furthest, reasons.indexOf(verification.reason));
  }
  // What is no image's URL is not found; why an image is refused is nobody's business but the operator's.
  const reason = reasons[furthest]!;
  if (reason === 'expired' && !isTrustworthy(now, configuration))
    return { refuse: 403, reason: 'untrusted-clock' };
  return { refuse: furthest === 0 ? 404 : 403, reason };
}
