/** What a site with forms and pictures does for its visitors, whatever its pages show. */
import type { RequestHandler } from 'express';
import type { Delivery } from './delivery.ts';
import { Refusal } from './failures.ts';

/** Everything from here, pictures also from where they are delivered; scripts in the article's HTML do not run. */
export function securityHeaders({ base, absoluteBase }: Delivery): RequestHandler {
  const origins = [base, absoluteBase].flatMap((each) => (URL.canParse(each) ? [new URL(each).origin] : []));
  const delivery = ["'self'", ...new Set(origins)].join(' ');
  const policy = [
    "default-src 'self'",
    `img-src ${delivery}`,
    `connect-src ${delivery}`, // the page that takes a URL apart asks for it with fetch
    "style-src 'self' 'unsafe-inline'", // the article keeps pictures in `style`; hashes would keep the signer out
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return (_req, res, next) => {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
    });
    next();
  };
}

/** Another site's form must not edit the article or move the clock; browsers say where a request comes from. */
export const refuseForeignForms: RequestHandler = (req, _res, next) => {
  const from = req.headers['sec-fetch-site'];
  const isOurs = from === undefined || from === 'same-origin' || from === 'none';
  if (req.method === 'POST' && !isOurs) throw new Refusal(403, 'This form was sent from another site.');
  next();
};
