/** Why the middleware leaves a response alone, as far as its header fields show. */
import type { PageResponse } from './page-client.ts';

export function passedReason({ status, headers }: PageResponse): readonly [string, string] | undefined {
  const type = headers.get('content-type') ?? '';
  if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) {
    return [
      'Not signed: Cache-Control says no-transform, which forbids to change the page.',
      'Leave no-transform out for pages with images.',
    ];
  }
  if (status === 206 || headers.has('content-range'))
    return ['Not signed: the response is a part of a page.', 'Answer 200 with the whole page.'];
  if (/^application\/xhtml\+xml/i.test(type))
    return ['Not signed: XHTML is not rewritten.', 'Send the page as text/html.'];
  const charset = /charset\s*=\s*"?(utf-?(?:16|32|7)|iso-2022)/i.exec(type);
  if (charset !== null) {
    return ['Not signed: this character encoding is not read.', 'Send the page in UTF-8.'];
  }
  return undefined;
}
