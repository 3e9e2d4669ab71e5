/** Forwards requests to the site behind the Worker: any HTTP server. It does not handle images. */
import type { FetchHandler } from 'image-signer/fetch';
import { plainAnswer } from './plain-answer.ts';

/** @param origin - scheme and host, without a slash at the end */
export function createOrigin(origin: string): FetchHandler {
  return async (request) => {
    const { host, protocol, pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    // `Host` is the origin's, since `fetch` takes it from the URL. These two headers replace values that a visitor
    // sends.
    headers.set('X-Forwarded-Host', host);
    headers.set('X-Forwarded-Proto', protocol.slice(0, -1));
    // Not resolved against the origin: a path such as `//elsewhere.example/` would lead to another host.
    const asked = new Request(`${origin}${pathname}${search}`, request);
    try {
      // `manual`: the visitor's browser follows redirects, and receives their cookies.
      return await fetch(asked, { headers, redirect: 'manual' });
    } catch {
      return plainAnswer(502, 'The site behind this address does not answer.');
    }
  };
}
