/** The values of the view `gallery`: pictures by id for its helpers, and plain URLs for the middleware. */
import { urlOf } from './delivery.ts';
import type { SiteParts } from './parts.ts';
import type { Picture } from './pictures/catalogue.ts';
import { type VariantName, variants } from './variants.ts';

export interface Wall {
  readonly title: string;
  readonly featured: Picture | undefined;
  readonly open: readonly Picture[];
  readonly members: readonly Picture[];
  plainUrl(picture: Picture, variant: VariantName): string;
  plainSrcset(picture: Picture): string;
}

export function wallOf({ pictures, delivery }: Pick<SiteParts, 'pictures' | 'delivery'>): Wall {
  const open = pictures.filter((picture) => !picture.isForMembers);
  return {
    title: 'Private pictures',
    featured: open[0],
    open: open.slice(1),
    members: pictures.filter((picture) => picture.isForMembers),
    plainUrl: (picture, variant) => urlOf(delivery, picture, variant),
    plainSrcset: (picture) =>
      (['thumb', 'card', 'hero'] as const)
        .map((variant) => `${urlOf(delivery, picture, variant)} ${variants[variant].width}w`)
        .join(', '),
  };
}
