/** `/open`: a page whose tokens expire after a minute, and the script that renews them. */
import { Router } from 'express';
import { imageSigner } from 'image-signer';
import type { GalleryParts } from '../parts.ts';
import { createGallerySigner } from '../signer.ts';
import { wallOf } from '../wall.ts';
import { pageFacts } from './facts.ts';

/** It must run before the site's `imageSigner`, whose tokens are valid for longer. */
export function openPage(parts: Omit<GalleryParts, 'signer'>): Router {
  const { pictures, clock } = parts;
  const wall = wallOf(parts);
  const signer = createGallerySigner(parts, { ttl: '1m', stableFor: '10s' });
  const router = Router();
  router.get('/open', imageSigner({ signer }), pageFacts(parts), (req, res) => {
    // The script reads the time from this header, and a visitor can have moved the gallery's clock.
    res.setHeader('Date', new Date(clock.now()).toUTCString());
    const hasScript = req.query['script'] !== 'no';
    res.render('open', { ...wall, title: 'A page that stays open', pictures, hasScript });
  });
  return router;
}
