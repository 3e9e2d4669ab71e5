/** `/url/:id`: one picture's URL, part by part, and how the delivery answers it and forged versions of it. */
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
    // `signImage` returns the preview to guests anyway, but the page also shows the name of the variant.
    const variant: VariantName = isAllowed ? wanted : 'preview';
    const url = req.signImage(picture.id, variant);
    const anatomy = dissect(signer, url);
    if (anatomy === undefined) throw new Refusal(404, 'The signer does not accept this URL.');
    const nowSeconds = Math.floor(clock.now() / 1000);
    res.render('anatomy', {
      title: `The URL of “${picture.title}”`,
      picture,
      next: pictures[(index + 1) % pictures.length],
      isAllowed,
      variant,
      variantNames,
      url,
      // Signed with the right key, but expired: refused wherever the clock is moved to.
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
  if (id === undefined) throw new Refusal(404, 'The gallery has no pictures.');
  res.redirect(`/url/${encodeURIComponent(id)}`);
}
