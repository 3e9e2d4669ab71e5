/**
 * Decides whether the guard lets a request through: with a valid token, for an always public variant, or for an image that the
 * app calls public. It reads the request target as the client sent it, and knows neither frameworks nor responses.
 */
import type { Configuration, GuardConfiguration } from '../options/configuration.ts';
import type { RefusalReason } from '../options/events.ts';
import { swallowRejection } from '../rejection.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { DeliveryImage } from '../schemes/cloudflare-images/scheme.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import { isTrustworthy } from '../signer/clock.ts';
import type { Reporter } from '../signer/reporter.ts';
import { type Verification, verifyResolved } from '../signer/verification.ts';

/**
 * The verified image that `imageGuard` adds to a request. Build URLs from `path`, which is percent-encoded as it was signed;
 * `image.id` is decoded, for look-ups.
 * @typeParam Image - the images of the guard's schemes: Cloudflare Images, unless the option `scheme` names others
 * @example
 * ```ts
 * app.use('/images', imageGuard({ signer }), (req, res) => {
 *   res.redirect(`https://storage.example${req.signedImage?.path}`);
 * });
 * ```
 */
export type SignedImage<Image extends SchemeImage = DeliveryImage> =
  | Extract<Verification<Image>, { readonly ok: true }>
  | {
      /** The request was let through. */
      readonly ok: true;
      /** The image in the URL. */
      readonly image: Image;
      /** `/<account hash>/<image id>/<variant>` as it would be signed, percent-encoded: build URLs from it. */
      readonly path: string;
      /** The option `isPublic` returned true for the image. */
      readonly isPublic: true;
    };

export type GuardResult =
  | { readonly pass: SignedImage<SchemeImage> }
  | { readonly refuse: 403 | 404; readonly reason: RefusalReason };

/** Whether the app declares an image public, so that it needs no token. */
export type IsPublic = (image: SchemeImage) => boolean;

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
 * The images that a request target may name. Without hosts, several bases may match a target.
 * @param target - the request target in origin form; an absolute URL or a fragment names nothing
 */
export function resolveTarget(
  target: string,
  { schemes }: Configuration,
): readonly (ResolvedImage | ResolveFailure)[] {
  return target.includes('#') ? [] : schemes.flatMap((scheme) => scheme.resolveTarget(target));
}

/**
 * A request passes if any image that its target may name passes.
 * @param found - the result of `resolveTarget`
 * @param now - in milliseconds; if it cannot be trusted, only images that need no token pass
 */
export function checkImages(
  found: readonly (ResolvedImage | ResolveFailure)[],
  configuration: Configuration,
  now: number,
  isPublic?: IsPublic,
): GuardResult {
  let furthest = 0;
  /** The bases under which a scheme has found an image: other schemes, and bases around these, are not asked. */
  const taken = new Set<string>();
  for (const resolved of found) {
    if (typeof resolved === 'object') {
      const { text } = resolved.written.place.base;
      if ([...taken].some((each) => `${each}/`.startsWith(`${text}/`))) continue;
      taken.add(text);
    }
    if (isPublic !== undefined && typeof resolved === 'object' && !resolved.lifetime.alwaysPublic) {
      const image = resolved.image();
      if (isPublic(image)) return { pass: { ok: true, image, path: resolved.path, isPublic: true } };
    }
    const verification = verifyResolved(resolved, configuration, now);
    if (verification.ok) return { pass: verification };
    furthest = Math.max(furthest, reasons.indexOf(verification.reason));
  }
  // 404 if the target isn't a delivery URL, 403 for every other reason: only the operator learns which.
  const reason = reasons[furthest]!;
  if (reason === 'expired' && !isTrustworthy(now, configuration))
    return { refuse: 403, reason: 'untrusted-clock' };
  return { refuse: furthest === 0 ? 404 : 403, reason };
}

/**
 * Calls the option `isPublic`: only `true` counts. An exception or a promise counts as false, and is reported.
 * @returns undefined without the option
 */
export function publicImages(
  option: GuardConfiguration['isPublic'],
  reporter: Reporter,
): IsPublic | undefined {
  if (option === undefined) return undefined;
  return (image) => {
    try {
      const result: unknown = option(image);
      if (swallowRejection(result)) reporter.report({ type: 'passed', reason: 'is-public-not-synchronous' });
      return result === true;
    } catch (error) {
      reporter.report({ type: 'passed', reason: 'is-public-threw', error });
      return false;
    }
  };
}
