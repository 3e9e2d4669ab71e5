/**
 * Decides whether the guard passes a request: only with a valid token, or for an always public variant. It reads the
 * request target as the client sent it, and knows neither frameworks nor responses.
 */
import type { Configuration } from '../options/configuration.ts';
import type { RefusalReason } from '../options/events.ts';
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { isTrustworthy } from '../signer/clock.ts';
import { type Verification, verifyResolved } from '../signer/verification.ts';

/**
 * What `imageGuard` puts on a request that it lets through: the verification of its URL. Build URLs for the image from
 * `path`, which is percent-encoded as it was signed; `image.id` is decoded, for look-ups.
 * @typeParam Image - what the guard's schemes find: images of Cloudflare Images, unless the option `scheme` names others
 * @example
 * ```ts
 * app.use('/images', imageGuard({ signer }), (req, res) => {
 *   res.redirect(`https://storage.example${req.signedImage?.path}`);
 * });
 * ```
 */
export type SignedImage<Image extends SchemeImage = DeliveryImage> = Extract<
  Verification<Image>,
  { readonly ok: true }
>;

export type GuardResult =
  | { readonly pass: SignedImage<SchemeImage> }
  | { readonly refuse: 403 | 404; readonly reason: RefusalReason };

/** In the order of the checks: the later the reason, the closer the URL was to a valid one. */
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
 * Without their hosts several bases may match one target: it passes if it is valid under any of them.
 * @param target - the request target in origin form; an absolute URL or a fragment never passes
 * @param now - in milliseconds; with a time that cannot be trusted, only always public variants pass
 */
export function checkTarget(target: string, configuration: Configuration, now: number): GuardResult {
  let furthest = 0;
  const found = target.includes('#')
    ? []
    : configuration.schemes.flatMap((scheme) => scheme.resolveTarget(target));
  for (const resolved of found) {
    const verification = verifyResolved(resolved, configuration, now);
    if (verification.ok) return { pass: verification };
    furthest = Math.max(furthest, reasons.indexOf(verification.reason));
  }
  // 404 for a target that is not a delivery URL, and 403 for every other reason: only the operator learns which one.
  const reason = reasons[furthest]!;
  if (reason === 'expired' && !isTrustworthy(now, configuration))
    return { refuse: 403, reason: 'untrusted-clock' };
  return { refuse: furthest === 0 ? 404 : 403, reason };
}
