/** What every request of the Express app goes through before it comes to a page. */
import type { RequestHandler } from 'express';
import type { Delivery } from './delivery.ts';
import { isForeignForm, securityHeaders } from './protection.ts';
import { Refusal } from './refusal.ts';
import { type Viewer, viewerCookie } from './viewers.ts';

declare global {
  namespace Express {
    interface Request {
      /** Set by `recogniseViewer`. */
      viewer?: Viewer | undefined;
    }
  }
}

export function protectVisitors(delivery: Delivery): RequestHandler {
  return securityHeaders(delivery);
}

/** Leaves on the request what `authorize` has to know: it is synchronous, so whatever takes time is done before it. */
export const recogniseViewer: RequestHandler = (req, _res, next) => {
  const cookies = (req.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  req.viewer = cookies.includes(`${viewerCookie}=member`) ? 'member' : 'guest';
  next();
};

export const refuseForeignForms: RequestHandler = (req, _res, next) => {
  if (isForeignForm(req.method, req.headers)) throw new Refusal(403, 'This form was sent from another site.');
  next();
};
