/**
 * What the policy writes into the headers of one response: signed URLs in `Link` and `Location`, and a freshness lifetime
 * that ends before its tokens do. Which of these a response gets is for the policy.
 */
import { isKeptLonger, limitFreshness, pageLifetime } from '../http/freshness.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import { mapLinkHeader } from '../rewriting/link.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import { resolve } from '../signer/resolve.ts';
import type { Instance } from './instance.ts';

/** Limits the freshness of one response, and knows later what the sent headers allow a cache. */
export class SentFreshness {
  /** The limit that the headers follow, in seconds; undefined before that, and if they are the app's own. */
  #lifetime: number | undefined;
  #isPrivate = false;

  /** Node may have refused the headers that the limit was meant for. */
  reset(): void {
    this.#lifetime = undefined;
    this.#isPrivate = false;
  }

  /** @param shortestTtl - in seconds, of the tokens in the response */
  limit(
    fields: HeaderFields,
    { now: signedAt, core }: ResponseInProgress,
    shortestTtl: number,
    scope?: 'private',
  ): void {
    const now = core.now();
    // The ttl counts from `signedAt`; a slow app uses up a part of it before the headers are sent.
    const lifetime = Math.max(0, pageLifetime(shortestTtl) - Math.max(0, now - signedAt));
    limitFreshness(fields, { lifetime, otherwise: 'no-cache', scope, now });
    this.#lifetime = lifetime;
    this.#isPrivate = scope === 'private';
  }

  /**
   * Whether the headers let a cache give the response to other viewers.
   * @param sent - the app's own headers, if they were sent as they came
   */
  isShared(sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return !this.#isPrivate;
    const limit = { lifetime: Infinity, otherwise: 'no-cache', scope: 'private', now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }

  /**
   * Whether the headers let a cache keep the response for longer than `seconds`.
   * @param sent - the app's own headers, if they were sent as they came
   */
  isKeptLonger(seconds: number, sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return seconds < this.#lifetime;
    const limit = { lifetime: seconds, otherwise: 'no-cache', scope: undefined, now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }
}

/**
 * Signs the URLs in the `Link` fields of a response.
 * @param onRefused - called if the headers do not take the signed field: it stays as it was
 */
export function mapLinks(fields: HeaderFields, inProgress: ResponseInProgress, onRefused: () => void): void {
  const links = fields.list('Link');
  const mapped = links.map((link) => mapLink(link, inProgress));
  if (mapped.every((link, index) => link === links[index])) return;
  try {
    fields.set('Link', mapped.length === 1 ? mapped[0]! : mapped);
  } catch {
    onRefused();
  }
}

/** Signs the URLs in one `Link` field, also one of early hints. Anything but a string, which an app may have set, stays. */
export function mapLink(link: string, { signer }: ResponseInProgress): string {
  if (typeof link !== 'string') return link;
  signer.place?.in('Link');
  return mapLinkHeader(link, signer.mapUrl);
}

/** The statuses whose `Location` a client follows by itself (RFC 9110, 15.4). */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Whether `Location` of a response with this status is signed if it is an image's. Without `authorize` only where the app has
 * said so: an open redirect would hand out tokens.
 */
export function signsLocation({ access, configuration }: Instance, status: number): boolean {
  return redirects.has(status) && (configuration.location ?? access.authorize !== undefined);
}

/** The image that a redirect leads to. A path that may be a page of the site does not count. */
export function imageInLocation(fields: HeaderFields, { core }: Instance): ResolvedImage | undefined {
  const [location, ...more] = fields.list('Location');
  if (location === undefined || more.length > 0) return undefined;
  const resolved = resolve(location, core.configuration);
  return typeof resolved === 'object' && !resolved.scheme.isUnsure(location) ? resolved : undefined;
}

/**
 * Signs the `Location` of a redirect that leads to an image, such as `/avatar/7`.
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
  const mapped = signer.mapUrl(fields.list('Location')[0]!); // `imageInLocation` has found exactly one
  if (mapped !== undefined) fields.set('Location', mapped); // what is added is ASCII, which no server refuses
  return !image.lifetime.alwaysPublic;
}
