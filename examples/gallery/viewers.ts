/**
 * Guests and members. A real site would look a session up here; the gallery believes a cookie that anybody may set,
 * so that there is something to switch.
 */
import type { RequestHandler } from 'express';
import type { Picture } from './pictures/catalogue.ts';

export type Viewer = 'guest' | 'member';

declare global {
  namespace Express {
    interface Request {
      /** Set by `recogniseViewer`. */
      viewer?: Viewer | undefined;
    }
  }
}

export const viewerCookie = 'viewer';

/** Leaves on the request what `authorize` has to know: it is synchronous, so whatever takes time is done before it. */
export const recogniseViewer: RequestHandler = (req, _res, next) => {
  const cookies = (req.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  req.viewer = cookies.includes(`${viewerCookie}=member`) ? 'member' : 'guest';
  next();
};

/** The one rule of this house, for the pages as for `authorize`. */
export function mayView(viewer: Viewer | undefined, picture: Picture): boolean {
  return !picture.isForMembers || viewer === 'member';
}
