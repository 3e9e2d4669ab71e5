/**
 * Who asks, and may this viewer see the picture: a session in a cookie for browsers, or as a bearer token for scripts
 * and phones. No session, an unreadable one, or one that does not name the picture: no.
 */
import type { DeliveryImage } from 'image-signer/fetch';
import { readSession, type Session } from './session.ts';

export const sessionCookie = 'session';

/** Both for pages, where it has to be synchronous, and for the endpoint. */
export type MayView = (image: DeliveryImage, request: Request) => boolean;

/** @param now - in milliseconds */
export function createMayView(sessionKey: string, now: () => number = Date.now): MayView {
  // It is asked once for each picture of a page; the session is read once.
  const sessions = new WeakMap<Request, ReadonlySet<string>>();
  return (image, request) => {
    const images = sessions.get(request) ?? new Set(sessionOf(request, sessionKey, now())?.images);
    sessions.set(request, images);
    // The account needs no look: the signer's `accountHash` leaves no other.
    return images.has(image.id);
  };
}

function sessionOf(request: Request, sessionKey: string, now: number): Session | undefined {
  const token = bearerOf(request) ?? cookieOf(request);
  return token === undefined ? undefined : readSession(sessionKey, token, now);
}

function bearerOf({ headers }: Request): string | undefined {
  return /^bearer +([\w.-]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

/** Two of one name may come from a neighbouring host that set one of them: nobody knows which, so neither counts. */
function cookieOf({ headers }: Request): string | undefined {
  const [value, ...others] = (headers.get('cookie') ?? '').split(';').flatMap((cookie) => {
    const [name, ...rest] = cookie.split('=');
    return name?.trim() === sessionCookie ? rest.join('=').trim() : [];
  });
  return others.length === 0 ? value : undefined;
}
