/** The signer that the pages and the delivery share. */
import { createSigner, type DeliveryImage, type Signer } from 'image-signer';
import type { SiteParts } from './parts.ts';
import { type LoanTerms, lendingOptions } from './policy.ts';
import type { VariantName } from './variants.ts';
import { mayView } from './viewers.ts';

/**
 * The middleware, the delivery and the pages use it.
 * @param terms - for `/open`; the delivery accepts the tokens of all signers with its key
 * @throws ImageSignerError INVALID_OPTION, for values from the environment
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
