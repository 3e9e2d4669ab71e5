/** `/url/:id`: one picture's URL, part by part, and what the delivery says to it and to its forgeries. */
import { type Response, Router } from 'express';
import { type Anatomy, dissect } from '../anatomy.ts';
import type { GalleryParts } from '../parts.ts';
import { longestLife } from '../policy.ts';
import { Refusal } from '../refusal.ts';
import { type VariantName, variantNames } from '../variants.ts';
import { mayView } from '../viewers.ts';

type Parts = Pick<GalleryParts, 'pictures' | 'signer' | 'clock' | 'delivery'>;

export function anatomyPage({ pictures, signer, clock, delivery }: Parts): Router {
  const router = Router();
  router.get('/url', (_req, res) => showFirst(res, pictures[0]?.id));

  router.get('/url/:id', (req, res) => {
    const index = pictures.findIndex(({ id }) => id === req.params.id);
    const picture = pictures[index];
    if (picture === undefined) throw new Refusal(404, 'There is no picture with this id.');
    const isAllowed = mayView(req.viewer, picture);
    const wanted = variantNames.find((name) => name === req.query['variant']) ?? 'card';
    // `signImage` gives a guest the preview in any case; the page also says which variant it shows.
    const variant: VariantName = isAllowed ? wanted : 'preview';
    const url = req.signImage(picture.id, variant);
    const anatomy = dissect(signer, url);
    if (anatomy === undefined) throw new Refusal(404, 'This address cannot be taken apart.');
    const nowSeconds = Math.floor(clock.now() / 1000);
    res.render('anatomy', {
      title: `“${picture.title}”, its address taken apart`,
      picture,
      next: pictures[(index + 1) % pictures.length],
      isAllowed,
      variant,
      variantNames,
      url,
      // Rightly signed, for a minute that has passed: what the delivery says to it has nothing to do with its clock.
      expiredUrl:
        variant === 'preview'
          ? undefined
          : req.signImage(picture.id, variant, { expiresAt: nowSeconds - 60 }),
      otherVariant: variant === 'card' ? 'hero' : 'card',
      origin: delivery.base.startsWith('/') ? new URL(delivery.absoluteBase).origin : '',
      now: clock.now(),
      longestLife,
      ...described(anatomy),
    });
  });
  return router;
}

function described(anatomy: Anatomy): object {
  return { ...anatomy, isPublic: anatomy.expiresAt === undefined };
}

function showFirst(res: Response, id: string | undefined): void {
  if (id === undefined) throw new Refusal(404, 'There is no picture yet.');
  res.redirect(`/url/${encodeURIComponent(id)}`);
}
