/** Protects the visitors of a site that has forms and pictures, in Express and Koa. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { Delivery } from './delivery.ts';

/**
 * Security headers by helmet. Content comes from this site, pictures also from the delivery host. Visitors can edit
 * the article's HTML, so scripts in it do not run.
 */
export function securityHeaders({
  base,
  absoluteBase,
}: Pick<Delivery, 'base' | 'absoluteBase'>): (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void {
  const origins = [base, absoluteBase].flatMap((each) => (URL.canParse(each) ? [new URL(each).origin] : []));
  const delivery = ["'self'", ...new Set(origins)];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false, // they upgrade http: URLs, and this site uses http
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: delivery,
        connectSrc: delivery, // the page about one URL requests it with fetch
        styleSrc: ["'self'", "'unsafe-inline'"], // the article has pictures in `style`; signing them would break hashes
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false, // the gallery is served over http
    xFrameOptions: { action: 'deny' },
  });
}

/** Another site's form must not edit the article or move the clock. Browsers send the origin's relation to this site. */
export function isForeignForm(method: string, headers: IncomingHttpHeaders): boolean {
  const from = headers['sec-fetch-site'];
  return method === 'POST' && from !== undefined && from !== 'same-origin' && from !== 'none';
}

/** Where a form redirects to: only to this site. */
export function ownPath(from: unknown): string {
  const home = 'http://gallery.invalid';
  if (typeof from !== 'string' || !from.startsWith('/') || !URL.canParse(from, home)) return '/';
  const url = new URL(from, home);
  return url.origin === home ? url.pathname + url.search : '/';
}
