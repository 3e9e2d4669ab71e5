/** `/`: the pictures. The view's helpers sign the open ones, the middleware those for members. */
import { Router } from 'express';
import type { GalleryParts } from '../parts.ts';
import { wallOf } from '../wall.ts';

export function galleryPage(parts: Pick<GalleryParts, 'pictures' | 'delivery'>): Router {
  const wall = wallOf(parts);
  const router = Router();
  router.get('/', (_req, res) => res.render('gallery', wall));
  return router;
}
