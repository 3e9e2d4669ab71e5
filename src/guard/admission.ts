/**
 * Which requests for images are let through: a valid token, or a variant that is always public; nothing else. It
 * decides from the request's target as the client sent it, and knows neither frameworks nor responses.
 */
import type { Configuration } from '../options/configuration.ts';
import type { RefusalReason } from '../options/types.ts';
import { type Verification, verifyUrl } from '../signer/verification.ts';
import type { DeliveryBase } from '../url/delivery.ts';

export type SignedImage = Extract<Verification, { readonly ok: true }>;

export type Admission =
  | { readonly pass: SignedImage }
  | { readonly refuse: 403 | 404; readonly reason: RefusalReason };

/** The paths of the bases: which host a request came to is the server's business. */
export function guardedBases(bases: readonly DeliveryBase[]): DeliveryBase[] {
  const byPath = new Map(
    bases.map((base) => [`${base.path} ${base.accountHash ?? ''}`, { ...base, authority: undefined }]),
  );
  return [...byPath.values()]; // as the configuration has them: the longest path first
}

/**
 * @param target - the request's target: a path and a query. An absolute URL, or a fragment, is no image's.
 * @param now - in milliseconds
 */
export function admit(
  target: string,
  configuration: Configuration,
  bases: readonly DeliveryBase[],
  now: number,
): Admission {
  const verification = verifyUrl(target.includes('#') ? undefined : target, configuration, bases, now);
  if (verification.ok) return { pass: verification };
  const { reason } = verification;
  // What is no image's URL is not found; why an image is refused is nobody's business but the operator's.
  return { refuse: reason === 'not-a-delivery-url' ? 404 : 403, reason };
}
