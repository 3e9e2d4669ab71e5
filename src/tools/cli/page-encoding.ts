/** Reads a page in an encoding that the middleware does not read, so that its images are found all the same. */

import { charsetOf } from '../../http/content-type.ts';
import { isUnreadable } from '../../text/charset.ts';
import type { PageResponse } from './page-client.ts';

type Encoded = Pick<PageResponse, 'headers' | 'body'>;

/**
 * The encoding in which ASCII characters are not bytes of their own. A byte order mark wins over `Content-Type` (WHATWG
 * HTML, 13.2.3.2).
 */
export function unreadableEncoding({ headers, body }: Encoded): string | undefined {
  const start = body.toString('latin1', 0, 3);
  if (start === '\xef\xbb\xbf') return undefined;
  if (start.startsWith('\xff\xfe')) return 'utf-16le';
  if (start.startsWith('\xfe\xff')) return 'utf-16be';
  const label = charsetOf(headers.get('content-type') ?? '');
  return label !== undefined && isUnreadable(label) ? label : undefined;
}

/** The page in an encoding in which ASCII characters are bytes: as it came, or UTF-8. */
export function toReadable({ headers, body }: Encoded): Buffer {
  const label = unreadableEncoding({ headers, body });
  if (label === undefined) return body;
  try {
    return Buffer.from(new TextDecoder(label).decode(body));
  } catch {
    return body; // UTF-7 and UTF-32, which no browser knows
  }
}
