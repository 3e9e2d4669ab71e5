/** What the gallery works with; all of it is handed to it. */
import type { DeliveryImage, Signer } from 'image-signer';
import type { Clock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import type { Picture } from './pictures/catalogue.ts';
import type { ArticleStore } from './store.ts';
import type { VariantName } from './variants.ts';

/** What a site of whatever framework is given. */
export interface SiteParts {
  readonly pictures: readonly Picture[];
  readonly delivery: Delivery;
  readonly store: ArticleStore;
  readonly clock: Clock;
  /** Where the pictures are; undefined where Cloudflare delivers them. */
  readonly folder: string | undefined;
  /** A cache in front may keep the pictures: it takes the whole URL, token included, as their name. */
  readonly sharedCache: boolean;
}

export interface GalleryParts extends SiteParts {
  readonly signer: Signer<VariantName, DeliveryImage>;
}
