/** `/`: the pictures. Those for everybody are signed by the view's helpers, those for members by the middleware. */
import { Router } from 'express';
import type { GalleryParts } from '../parts.ts';
import { wallOf } from '../wall.ts';

export function galleryPage(parts: Pick<GalleryParts, 'pictures' | 'delivery'>): Router {
  const wall = wallOf(parts);
  const router = Router();
  router.get('/', (_req, res) => res.render('gallery', wall));
  return router;
}
