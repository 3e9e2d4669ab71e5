/** `/open`: a page whose tokens end after a minute, and the script that keeps its pictures alive. */
import { Router } from 'express';
import { imageSigner } from 'image-signer';
import type { GalleryParts } from '../parts.ts';
import { createGallerySigner } from '../signer.ts';
import { wallOf } from '../wall.ts';
import { pageFacts } from './facts.ts';

/** It goes before the site's own `imageSigner`, whose tokens last for longer. */
export function openPage(parts: Omit<GalleryParts, 'signer'>): Router {
  const { pictures, clock } = parts;
  const wall = wallOf(parts);
  const signer = createGallerySigner(parts, { ttl: '1m', stableFor: '10s' });
  const router = Router();
  router.get('/open', imageSigner({ signer }), pageFacts(parts), (req, res) => {
    // The script learns the time from here, and the gallery's clock may have been moved.
    res.setHeader('Date', new Date(clock.now()).toUTCString());
    const hasScript = req.query['script'] !== 'no';
    res.render('open', { ...wall, title: 'A page that stays open', pictures, hasScript });
  });
  return router;
}
