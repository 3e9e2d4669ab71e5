/** The one signer that the pages and the delivery share. */
import { createSigner, type DeliveryImage, type Signer } from 'image-signer';
import type { SiteParts } from './parts.ts';
import { type LoanTerms, lendingOptions } from './policy.ts';
import type { VariantName } from './variants.ts';
import { mayView } from './viewers.ts';

/**
 * One signer for the middleware, the guard and what the pages call themselves.
 * @param terms - those of every page if left out; one guard takes tokens by any
 * @throws ImageSignerError INVALID_OPTION, for what came from the environment
 */
export function createGallerySigner(
  { pictures, delivery, clock }: Pick<SiteParts, 'pictures' | 'delivery' | 'clock'>,
  terms?: LoanTerms,
): Signer<VariantName, DeliveryImage> {
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));
  return createSigner({
    ...lendingOptions(delivery, clock, terms),
    authorize: (image, req) => mayView(req.viewer, byId.get(image.id)),
  });
}
