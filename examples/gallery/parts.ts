/** The arguments of a site. */
import type { DeliveryImage, Signer } from 'image-signer';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import type { Picture } from './pictures/catalogue.ts';
import type { ArticleStore } from './store.ts';
import type { VariantName } from './variants.ts';

/** The arguments of a site. */
export interface SiteParts {
  readonly pictures: readonly Picture[];
  readonly delivery: Delivery;
  readonly store: ArticleStore;
  readonly clock: Clock;
  /** Where the pictures are; undefined if Cloudflare delivers them. */
  readonly folder: string | undefined;
  /** Whether a cache in front may store the pictures. Its cache key must be the whole URL, with the token. */
  readonly sharedCache: boolean;
}

export interface GalleryParts extends SiteParts {
  readonly signer: Signer<VariantName, DeliveryImage>;
}
