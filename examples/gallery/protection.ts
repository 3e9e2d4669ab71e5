/** Protects the visitors of a site that has forms and pictures, in Express and Koa alike. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';
import type { Delivery } from './delivery.ts';

/**
 * Security headers by helmet. Content comes from this site, pictures also from their delivery host. Scripts within the
 * article's HTML, which a visitor edits, do not run.
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
      useDefaults: false, // they upgrade http: URLs, and this site is one
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: delivery,
        connectSrc: delivery, // the page that takes a URL apart requests it with fetch
        styleSrc: ["'self'", "'unsafe-inline'"], // the article has pictures in `style`, which hashes would not allow to be signed
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

/** Another site's form must not edit the article or move the clock; browsers say where a request comes from. */
export function isForeignForm(method: string, headers: IncomingHttpHeaders): boolean {
  const from = headers['sec-fetch-site'];
  return method === 'POST' && from !== undefined && from !== 'same-origin' && from !== 'none';
}

/** Where a form leads back to. A redirect must not be a way to anywhere else. */
export function ownPath(from: unknown): string {
  const home = 'http://gallery.invalid';
  if (typeof from !== 'string' || !from.startsWith('/') || !URL.canParse(from, home)) return '/';
  const url = new URL(from, home);
  return url.origin === home ? url.pathname + url.search : '/';
}
