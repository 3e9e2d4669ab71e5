/** Middleware that runs before every page of the Express app. */
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

/** Stores on the request what `authorize` needs. `authorize` is synchronous, so a database lookup would go here. */
export const recogniseViewer: RequestHandler = (req, _res, next) => {
  const cookies = (req.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  req.viewer = cookies.includes(`${viewerCookie}=member`) ? 'member' : 'guest';
  next();
};

export const refuseForeignForms: RequestHandler = (req, _res, next) => {
  if (isForeignForm(req.method, req.headers)) throw new Refusal(403, 'This form was sent from another site.');
  next();
};
