/** What a site with forms and pictures does for its visitors, whatever its pages show. It knows no framework. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Delivery } from './delivery.ts';

/** Everything from here, pictures also from where they are delivered; scripts in the article's HTML do not run. */
export function securityHeaders({ base, absoluteBase }: Delivery): Record<string, string> {
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
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
  };
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
