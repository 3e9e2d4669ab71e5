/** What a page's response says about all its images, in its header and the first bytes of its body. */

import { parseHttpDate } from '../../http/cache-fields.ts';
import { allowsByHash } from '../../http/eligibility.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { isUnreadable } from '../../text/charset.ts';
import { charsetOf } from '../../text/mime-type.ts';
import type { BodyKind } from '../diagnosis/page-urls.ts';
import type { PageFacts } from '../diagnosis/page-verdicts.ts';
import type { PageResponse } from './page-client.ts';

type Encoded = Pick<PageResponse, 'headers' | 'body'>;

/** The problem, and its fix. */
type PassedReason = readonly [message: string, fix: string];

/** Fields with cache directives: for all caches, and for shared ones. */
const directiveFields = [
  'cache-control',
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
];

/** @param now - in milliseconds */
export function factsOf(response: PageResponse, now: number): PageFacts {
  const { headers } = response;
  return {
    now,
    lifetime: remainingLifetime(headers, epochSeconds(now)),
    passed: passedReason(response),
    passedStyles: passedStyleReason(response),
    isPersonal: /\b(?:private|no-cache|no-store)\b/i.test(headers.get('cache-control') ?? ''),
    howToAskAsMember: "To check as a member, add --header 'Cookie: …'.",
  };
}

export function kindOf({ headers }: PageResponse): BodyKind {
  const type = (headers.get('content-type') ?? 'text/html').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'text/html' || type === 'application/xhtml+xml') return 'html';
  if (/^application\/(?:[\w.-]+\+)?json$/.test(type)) return 'json';
  return /xml$/.test(type) ? 'feed' : 'text';
}

/** The page in an encoding that keeps ASCII as single bytes: unchanged, or as UTF-8. */
export function toReadable({ headers, body }: Encoded): Buffer {
  const label = unreadableEncoding({ headers, body });
  if (label === undefined) return body;
  try {
    return Buffer.from(new TextDecoder(label).decode(body));
  } catch {
    return body; // UTF-7 and UTF-32, which no browser knows
  }
}

/** Why the middleware leaves the response alone, as far as its header fields and its first bytes show. */
function passedReason(response: PageResponse): PassedReason | undefined {
  const { status, headers } = response;
  if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) {
    return [
      'Not signed: Cache-Control says no-transform, which forbids changing the page.',
      'Remove no-transform from pages with images.',
    ];
  }
  if (status === 206 || headers.has('content-range'))
    return ['Not signed: the response is only part of a page.', 'Answer 200 with the whole page.'];
  if (/^application\/xhtml\+xml/i.test(headers.get('content-type') ?? ''))
    return ['Not signed: XHTML is not rewritten.', 'Send the page as text/html.'];
  if (unreadableEncoding(response) !== undefined)
    return ['Not signed: this character encoding is not supported.', 'Send the page in UTF-8.'];
  return undefined;
}

/** Why it leaves the CSS of the response alone. */
function passedStyleReason({ headers }: PageResponse): PassedReason | undefined {
  if (!allowsByHash(headers.get('content-security-policy') ?? '', 'style-src')) return undefined;
  return [
    'Not signed: Content-Security-Policy allows styles by hash, so browsers would block a changed style.',
    'Allow styles by nonce, or use an <img>.',
  ];
}

/**
 * The page's encoding if it does not keep ASCII as single bytes. A byte order mark wins over `Content-Type` (WHATWG
 * HTML, 13.2.3.2).
 */
function unreadableEncoding({ headers, body }: Encoded): string | undefined {
  const start = body.toString('latin1', 0, 3);
  if (start === '\xef\xbb\xbf') return undefined;
  if (start.startsWith('\xff\xfe')) return 'utf-16le';
  if (start.startsWith('\xfe\xff')) return 'utf-16be';
  const label = charsetOf(headers.get('content-type') ?? '');
  return label !== undefined && isUnreadable(label) ? label : undefined;
}

/**
 * How long caches may keep the response: the longest lifetime that any cache on the way may apply (RFC 9111, 4.2; RFC
 * 9213). That cache decides when the last visitor gets the page.
 * @param now - in Unix seconds
 * @returns seconds from now; 0 if no cache may reuse the response without asking
 */
function remainingLifetime(headers: Headers, now: number): number {
  const age = Number(/^\d+$/.exec(headers.get('age') ?? '')?.[0] ?? 0);
  const lifetimes = directiveFields.flatMap((name) => lifetimesIn(headers.get(name) ?? ''));
  const accelerated = /^\d+$/.exec(headers.get('x-accel-expires') ?? '')?.[0];
  if (accelerated !== undefined) lifetimes.push(Number(accelerated));
  const isExplicit = /max-age|no-cache|no-store/i.test(headers.get('cache-control') ?? '');
  const expires = isExplicit ? undefined : parseHttpDate(headers.get('expires') ?? '', now);
  if (expires !== undefined) lifetimes.push(expires - now + age);
  return Math.max(0, ...lifetimes.map((each) => each - age));
}

function lifetimesIn(field: string): number[] {
  if (/\bno-store\b|\bno-cache\b(?!=)/i.test(field)) return [];
  const stale = secondsOf(field, 'stale-while-revalidate');
  return ['max-age', 's-maxage']
    .map((name) => secondsOf(field, name))
    .filter((seconds) => seconds !== undefined)
    .map((seconds) => seconds + (stale ?? 0));
}

function secondsOf(field: string, name: string): number | undefined {
  for (const directive of field.split(',')) {
    const [key = '', value = ''] = directive.trim().split('=', 2);
    const digits = /^"?(\d{1,10})"?$/.exec(value.trim())?.[1];
    if (key.trim().toLowerCase() === name && digits !== undefined) return Number(digits);
  }
  return undefined;
}
