/** The one signer that the pages and the delivery share. */
import { createSigner, type Signer } from 'image-signer';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import type { Picture } from './pictures/catalogue.ts';
import { type VariantName, variants } from './variants.ts';
import { mayView } from './viewers.ts';

export const ttl = '1h';
/** A URL stays the same, and the picture cached, for up to this long. */
export const stableFor = '15m';
/** The longest that a token lives: `ttl` and `stableFor`, in seconds. */
export const longestLife: number = 75 * 60;

/**
 * One signer for the middleware, the guard and what the pages call themselves.
 * @throws ImageSignerError INVALID_OPTION, for what came from the environment
 */
export function createGallerySigner(
  delivery: Delivery,
  pictures: readonly Picture[],
  clock: Clock,
): Signer<VariantName> {
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));
  return createSigner({
    key: delivery.key,
    ttl,
    stableFor,
    variants,
    accountHash: delivery.accountHash,
    delivery:
      delivery.base === delivery.absoluteBase ? delivery.base : [delivery.base, delivery.absoluteBase],
    // Says no to ids that are not the gallery's, too: who edits the article must not get tokens for other pictures.
    authorize(image, req) {
      const picture = byId.get(image.id);
      return picture !== undefined && mayView(req.viewer, picture);
    },
    deniedVariant: 'preview',
    now: clock.now,
  });
}
