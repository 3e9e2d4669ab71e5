/**
 * Signs URLs in `Link` and `Location`, and limits the freshness lifetime of a response so that it ends before the tokens do. The policy
 * decides which of these a response gets.
 */
import { isKeptLonger, limitFreshness, pageLifetime } from '../http/freshness.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import { mapLinkHeader } from '../rewriting/link.ts';
import type { ResolvedImage } from '../schemes/bound.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import { resolve } from '../signer/resolve.ts';
import type { Instance } from './instance.ts';

/** Limits the freshness of one response, and remembers what the sent headers allow a cache. */
export class SentFreshness {
  /** The limit that the headers follow, in seconds; undefined before that, and if they are the app's own. */
  #lifetime: number | undefined;
  #isPrivate = false;

  /** Node may have refused the limited headers. */
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
    // The ttl counts from `signedAt`; a slow app uses up part of it before the headers are sent.
    const lifetime = Math.max(0, pageLifetime(shortestTtl) - Math.max(0, now - signedAt));
    limitFreshness(fields, { lifetime, otherwise: 'no-cache', scope, now });
    this.#lifetime = lifetime;
    this.#isPrivate = scope === 'private';
  }

  /**
   * Whether the headers let a cache give the response to other viewers.
   * @param sent - the app's own headers, if they were sent unchanged
   */
  isShared(sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return !this.#isPrivate;
    const limit = { lifetime: Infinity, otherwise: 'no-cache', scope: 'private', now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }

  /**
   * Whether the headers let a cache keep the response for longer than `seconds`.
   * @param sent - the app's own headers, if they were sent unchanged
   */
  isKeptLonger(seconds: number, sent: HeaderFields | undefined, { now }: ResponseInProgress): boolean {
    if (this.#lifetime !== undefined) return seconds < this.#lifetime;
    const limit = { lifetime: seconds, otherwise: 'no-cache', scope: undefined, now } as const;
    return sent !== undefined && isKeptLonger(sent, limit);
  }
}

/**
 * Signs the URLs in the `Link` fields of a response.
 * @param onRefused - called if the headers refuse the signed field, which then stays unsigned
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

/** The statuses whose `Location` a client follows automatically (RFC 9110, 15.4). */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Whether a `Location` that leads to an image is signed for this status. Without `authorize` the app must have enabled it: an open
 * redirect would give tokens away.
 */
export function signsLocation({ access, configuration }: Instance, status: number): boolean {
  return redirects.has(status) && (configuration.location ?? access.authorize !== undefined);
}

/** The image that a redirect leads to; undefined for a path that may be a page of the site. */
export function imageInLocation(fields: HeaderFields, { core }: Instance): ResolvedImage | undefined {
  const [location, ...more] = fields.list('Location');
  if (location === undefined || more.length > 0) return undefined;
  const resolved = resolve(location, core.configuration);
  return typeof resolved === 'object' && !resolved.scheme.isUnsure(location) ? resolved : undefined;
}

/**
 * Signs the `Location` of a redirect that leads to an image, such as `/avatar/7`.
 * @returns whether the redirect leads to a private image, signed or not: such a response depends on the viewer and on the time. The
 *   URL of an always public image only loses a token, or the base that it is stored under.
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
  if (mapped !== undefined) fields.set('Location', mapped); // the changes are ASCII, which no server refuses
  return !image.lifetime.alwaysPublic;
}
