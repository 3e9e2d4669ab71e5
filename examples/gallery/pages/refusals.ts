/**
 * `/refusals`: what the delivery draws instead of an image that it refuses. It has deliveries of its own: on the other
 * pages, visitors must not learn the reason, and the script of `/open` must see that an image failed.
 */
import { STATUS_CODES } from 'node:http';
import { Router } from 'express';
import { imageDelivery } from 'image-signer/delivery';
import type { GalleryParts } from '../parts.ts';
import {
  createRefusalsSigner,
  explainedBase,
  megapixelsTaken,
  placeholderBase,
  placeholderUrl,
  refusedUrls,
} from '../refused-urls.ts';
import { wallOf } from '../wall.ts';

type Parts = Pick<GalleryParts, 'pictures' | 'delivery' | 'clock'>;

/** @param folder - of the gallery's own pictures: Cloudflare's delivery explains nothing */
export function refusalsPage(parts: Parts, folder: string): Router {
  const { delivery, clock } = parts;
  const { featured } = wallOf(parts);
  const signer = createRefusalsSigner(delivery, clock);
  const common = { signer, directory: folder } as const;
  const router = Router();
  router.use(
    explainedBase,
    imageDelivery({ ...common, explain: true, limits: { megapixels: megapixelsTaken } }),
  );
  router.use(placeholderBase, imageDelivery({ ...common, placeholder: true }));
  router.get('/refusals', (_req, res) => {
    const refused = featured === undefined ? [] : refusedUrls(signer, delivery, clock, featured.id);
    res.render('refusals', {
      title: 'Refusals',
      featured,
      answerOf: (status: number) => `${status} ${STATUS_CODES[status]}`,
      refused,
      statuses: [...new Set(refused.map(({ status }) => status))].join(', '),
      placeholder: placeholderUrl(signer),
    });
  });
  return router;
}
