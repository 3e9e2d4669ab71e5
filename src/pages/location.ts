/**
 * Signs the `Location` of a redirect that leads to an image, such as `/avatar/7`. What such a response may then say of its
 * freshness is for the policy.
 */
import type { HeaderFields } from '../http/header-fields.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import { resolve } from '../signer/resolve.ts';
import type { Instance } from './instance.ts';

/** The statuses whose `Location` a client follows by itself (RFC 9110, 15.4). */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Whether `Location` of a response with this status is signed if it is an image's. Without `authorize` only where the app has
 * said so: an open redirect would hand out tokens.
 */
export function signsLocation({ access, configuration }: Instance, status: number): boolean {
  return redirects.has(status) && (configuration.location ?? access.authorize !== undefined);
}

/** The image that a redirect leads to. A path that may be a page of the site is none. */
export function imageInLocation(fields: HeaderFields, { core }: Instance): ResolvedImage | undefined {
  const [location, ...more] = fields.list('Location');
  if (location === undefined || more.length > 0) return undefined;
  const resolved = resolve(location, core.configuration);
  return typeof resolved === 'object' && !resolved.scheme.isUnsure(location) ? resolved : undefined;
}

/**
 * @returns whether the redirect leads to a private image, signed or not: that depends on the viewer, and on the time. An always
 *   public one only loses a token, or the base that it is stored under.
 */
export function mapLocation(
  fields: HeaderFields,
  { signer }: ResponseInProgress,
  instance: Instance,
): boolean {
  const image = imageInLocation(fields, instance);
  if (image === undefined) return false;
  signer.place?.in('Location');
  const mapped = signer.mapUrl(fields.list('Location')[0]!); // it has named the image
  if (mapped !== undefined) fields.set('Location', mapped); // ASCII, but for what was accepted before
  return !image.lifetime.alwaysPublic;
}
