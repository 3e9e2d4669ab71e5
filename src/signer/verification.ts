/** Verifies a signed URL. It never throws, whatever the input is. */
import type { Configuration } from '../options/configuration.ts';
import type { VerificationFailure } from '../options/events.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import type { ResolveFailure } from '../schemes/resolved-image.ts';
import { epochSeconds } from '../signing/expiry.ts';
import { isTrustworthy } from './clock.ts';
import { resolveSigned } from './resolve.ts';

/**
 * What `verifyImage` returns: the image of a valid token, the image of an always public variant, or the reason why the
 * URL does not verify.
 * @typeParam Image - the images of the signer's schemes
 * @example
 * ```ts
 * const verification = signer.verifyImage('https://imagedelivery.net/a/photo-1/thumb');
 * if (!verification.ok) console.log(verification.reason);
 * else if ('expiresAt' in verification) console.log(new Date(verification.expiresAt * 1000));
 * ```
 */
export type Verification<Image extends SchemeImage = SchemeImage> =
  | {
      /** The token is valid. */
      readonly ok: true;
      /** The image in the URL. */
      readonly image: Image;
      /** `/<account hash>/<image id>/<variant>` as it is signed, percent-encoded: build URLs from it. */
      readonly path: string;
      /** When the token expires, in Unix seconds: it is valid before that second. */
      readonly expiresAt: number;
      /** The index of the signing key in the option `key`; 0 is the newest. */
      readonly keyIndex: number;
    }
  | {
      /** The variant is public, and needs no token. */
      readonly ok: true;
      /** The image in the URL. */
      readonly image: Image;
      /** `/<account hash>/<image id>/<variant>` as it would be signed, percent-encoded: build URLs from it. */
      readonly path: string;
      /** The variant has the policy `alwaysPublic`. */
      readonly alwaysPublic: true;
    }
  | {
      /** The URL does not verify. */
      readonly ok: false;
      /** Why; for logs, not for clients. */
      readonly reason: VerificationFailure;
    };

/** The caller's clock in milliseconds; anything else becomes NaN, which makes every token count as expired. */
export function millisecondsOf(time: unknown): number {
  if (typeof time === 'number') return Number.isFinite(time) ? time : Number.NaN;
  try {
    return Date.prototype.getTime.call(time); // accepts a Date of any realm, and throws for everything else
  } catch {
    return Number.NaN;
  }
}

/** @param now - in milliseconds; a time that cannot be trusted makes every token count as expired */
export function verifyUrl(url: unknown, configuration: Configuration, now: number): Verification {
  if (typeof url !== 'string') return { ok: false, reason: 'not-a-delivery-url' };
  return verifyResolved(resolveSigned(url, configuration), configuration, now);
}

export function verifyResolved(
  resolved: ResolvedImage | ResolveFailure,
  configuration: Configuration,
  now: number,
): Verification {
  if (resolved === 'scheme-failed') return { ok: false, reason: 'not-a-delivery-url' };
  if (typeof resolved === 'string') return { ok: false, reason: resolved };
  const { path, lifetime } = resolved;
  if (lifetime.alwaysPublic) return { ok: true, image: resolved.image(), path, alwaysPublic: true };
  const time = isTrustworthy(now, configuration) ? now : Number.NaN;
  const result = resolved.verify(epochSeconds(time));
  return result.ok ? { ...result, image: resolved.image(), path } : result;
}
