/** The site behind the Worker, as the Worker asks it: any server that speaks HTTP. It knows no images. */
import type { FetchHandler } from 'image-signer/fetch';
import { plainAnswer } from './plain-answer.ts';

/** @param origin - scheme and host, without a slash at the end */
export function createOrigin(origin: string): FetchHandler {
  return async (request) => {
    const { host, protocol, pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    // `Host` is the origin's own here, since a `fetch` takes it from the URL. A visitor's words for these two are not
    // believed: they are put in their place.
    headers.set('X-Forwarded-Host', host);
    headers.set('X-Forwarded-Proto', protocol.slice(0, -1));
    // Not resolved against the origin: with a path such as `//elsewhere.example/` that would lead there.
    const asked = new Request(`${origin}${pathname}${search}`, request);
    try {
      // `manual`: a redirect is the visitor's to follow, and its cookies are the visitor's to get.
      return await fetch(asked, { headers, redirect: 'manual' });
    } catch {
      return plainAnswer(502, 'The site behind this address does not answer.');
    }
  };
}
