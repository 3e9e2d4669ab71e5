/** The two switches on every page, for the viewer and the clock. Both redirect to the page that they were used on. */
import { type Request, Router } from 'express';
import { maxOffset, readOffset } from '../clock.ts';
import type { GalleryParts } from '../parts.ts';
import { ownPath } from '../protection.ts';
import { Refusal } from '../refusal.ts';
import { viewerCookie } from '../viewers.ts';

type Form = Readonly<Record<string, unknown>>;

export function controls({ clock, folder }: Pick<GalleryParts, 'clock' | 'folder'>): Router {
  const router = Router();

  router.post('/viewer', (req, res) => {
    const { viewer, from } = formOf(req);
    if (viewer !== 'guest' && viewer !== 'member')
      throw new Refusal(400, 'The viewer must be guest or member.');
    res.cookie(viewerCookie, viewer, { httpOnly: true, sameSite: 'lax', path: '/' });
    res.redirect(303, ownPath(from));
  });

  router.post('/clock', (req, res) => {
    if (folder === undefined) throw new Refusal(404, 'You cannot move Cloudflare’s clock.');
    const { offset, from } = formOf(req);
    const seconds = readOffset(offset);
    if (seconds === undefined) {
      throw new Refusal(400, `The offset must be whole seconds, from 0 to ${maxOffset}.`);
    }
    clock.moveTo(seconds);
    res.redirect(303, ownPath(from));
  });
  return router;
}

function formOf(req: Request<object, unknown, unknown>): Form {
  return typeof req.body === 'object' && req.body !== null ? (req.body as Form) : {};
}
