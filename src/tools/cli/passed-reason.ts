/** Why the middleware leaves a response, or its CSS, alone, as far as its header fields and its first bytes show. */
import { allowsByHash } from '../../http/eligibility.ts';
import type { PageResponse } from './page-client.ts';
import { unreadableEncoding } from './page-encoding.ts';

/** What is wrong, and how to mend it. */
export type PassedReason = readonly [message: string, mend: string];

export function passedReason(response: PageResponse): PassedReason | undefined {
  const { status, headers } = response;
  if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) {
    return [
      'Not signed: Cache-Control says no-transform, which forbids to change the page.',
      'Leave no-transform out for pages with images.',
    ];
  }
  if (status === 206 || headers.has('content-range'))
    return ['Not signed: the response is a part of a page.', 'Answer 200 with the whole page.'];
  if (/^application\/xhtml\+xml/i.test(headers.get('content-type') ?? ''))
    return ['Not signed: XHTML is not rewritten.', 'Send the page as text/html.'];
  if (unreadableEncoding(response) !== undefined)
    return ['Not signed: this character encoding is not read.', 'Send the page in UTF-8.'];
  return undefined;
}

export function passedStyleReason({ headers }: PageResponse): PassedReason | undefined {
  if (!allowsByHash(headers.get('content-security-policy') ?? '', 'style-src')) return undefined;
  return [
    'Not signed: Content-Security-Policy allows styles by hash, and a browser would block a style that has changed.',
    'Allow styles by nonce, or put the image into an <img>.',
  ];
}
