/** `/`: the pictures. Those for everybody are signed by the view's helpers, those for members by the middleware. */
import { Router } from 'express';
import { urlOf } from '../delivery.ts';
import type { GalleryParts } from '../parts.ts';
import type { Picture } from '../pictures/catalogue.ts';
import { type VariantName, variants } from '../variants.ts';

export function galleryPage({ pictures, delivery }: Pick<GalleryParts, 'pictures' | 'delivery'>): Router {
  const open = pictures.filter((picture) => !picture.isForMembers);
  const locals = {
    title: 'Private pictures, lent for an hour',
    featured: open[0],
    open: open.slice(1),
    members: pictures.filter((picture) => picture.isForMembers),
    plainUrl: (picture: Picture, variant: VariantName): string => urlOf(delivery, picture, variant),
    plainSrcset: (picture: Picture): string =>
      (['thumb', 'card', 'hero'] as const)
        .map((variant) => `${urlOf(delivery, picture, variant)} ${variants[variant].width}w`)
        .join(', '),
  };
  const router = Router();
  router.get('/', (_req, res) => res.render('gallery', locals));
  return router;
}
