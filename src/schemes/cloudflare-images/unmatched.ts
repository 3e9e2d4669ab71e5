/**
 * Says why a URL that looks like one of an image is not a delivery URL, for the developer who has to mend it. A reason is
 * given only if the URL matches once it is mended. It is called for what `matchDelivery` has not matched.
 */
import { maxUrlLength } from '../../text/limits.ts';
import { isQueryWithinLimits, isUnder } from '../../url/base.ts';
import { encodeSegment, isWellEncoded } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { parseReference, type Reference } from '../../url/reference.ts';
import type { Unmatched } from '../definition.ts';
import { type DeliveryBase, matchDelivery } from './delivery-url.ts';

const unknown: Unmatched = { reason: 'not-a-delivery-url' };

/** Enough for any delivery URL in use. To try what would mend a longer one takes more than to sign it. */
const maxLength = 1024;
const maxSegments = 32;

export function explainUnmatched(text: string, bases: readonly DeliveryBase[]): Unmatched {
  if (text.length > maxUrlLength) return unknown;
  const reference = parseReference(text);
  if (reference === undefined) return explainId(text);
  const base = bases.find((each) => isUnder(each, text, reference));
  if (base === undefined) return explainUnknownBase(text, reference);
  if (!isQueryWithinLimits(text, reference)) return { reason: 'too-many-parameters' };
  if (reference.query > maxLength) return unknown;
  const head = text.slice(0, reference.path + base.path.length);
  const path = text.slice(head.length, reference.query);
  const matches = (mended: string): boolean => typeof matchDelivery(head + mended, bases) === 'object';
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  if (isWellEncoded(bare)) {
    if (bare !== path && matches(bare)) return { reason: 'trailing-slash' };
    if (matches(`${bare}/variant`)) return { reason: 'variant-missing' };
  }
  // `encodeURIComponent` leaves nothing beyond ASCII.
  if (/[^!-~]/.test(bare)) return unknown;
  const segments = bare
    .split('/', maxSegments + 1)
    .slice(1)
    .map(percentDecode);
  if (segments.length === maxSegments) return unknown;
  // A variant has no slash. What has one may be a key in place of a variant, and must not show as part of an image id.
  if (segments.at(-1)?.includes('/')) return unknown;
  const decoded = segments.flatMap((segment) => segment.split('/'));
  const encoded = decoded.map(encodeSegment);
  if (encoded.includes(undefined) || !matches(`/${encoded.join('/')}`)) return unknown;
  return { reason: 'encoded-path', id: decoded.slice(base.accountHash === undefined ? 1 : 0, -1).join('/') };
}

/** An image id that was given to a helper, and that `encodeURIComponent` has written. */
function explainId(text: string): Unmatched {
  if (!/%[0-9a-f]{2}/i.test(text) || /[:\\]/.test(text)) return unknown;
  const id = percentDecode(text);
  // U+FFFD stands for what is not UTF-8.
  const isEncodable = id.split('/').every((segment) => encodeSegment(segment) !== undefined);
  return isEncodable && !id.includes('\ufffd') ? { reason: 'encoded-path', id } : unknown;
}

/** The host of Cloudflare Images, and the path that it has on custom domains. */
const cloudflareHost = 'imagedelivery.net';
const cloudflarePath = '/cdn-cgi/imagedelivery';

/** The longest run of letters and digits that every URL of Cloudflare Images contains. */
export const cloudflareLiteral = 'imagedelivery';

function explainUnknownBase(text: string, { authority, path, query }: Reference): Unmatched {
  const host = text.slice(authority, path).toLowerCase();
  if (authority > 0 && host === cloudflareHost)
    return { reason: 'not-under-delivery', delivery: `https://${cloudflareHost}` };
  const at = text.slice(0, query).indexOf(`${cloudflarePath}/`, path);
  if (at < 0 || host.includes('@')) return unknown;
  const scheme = /^http:/i.test(text) ? 'http' : 'https';
  const origin = authority === 0 ? '' : `${scheme}://${host}`;
  return {
    reason: 'not-under-delivery',
    delivery: `${origin}${text.slice(path, at)}${cloudflarePath}`,
  };
}
