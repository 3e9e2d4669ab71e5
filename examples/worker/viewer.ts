/**
 * Decides who sends a request, and which pictures they may see. Browsers send the session in a cookie, scripts and phones as a
 * bearer token. Without a valid session that names the picture, the answer is no.
 */
import type { DeliveryImage } from 'image-signer/fetch';
import { readSession, type Session } from './session.ts';

export const sessionCookie = 'session';

export interface Viewers {
  /**
   * Reads the session of a request, before anything else happens. Verifying it is asynchronous, while `authorize` of a
   * page must answer synchronously: so this must run first.
   */
  identify(request: Request): Promise<void>;
  /** `authorize` for pages and for the endpoint; no for a request that has not been identified. */
  mayView(image: DeliveryImage, request: Request): boolean;
}

/** @param now - in milliseconds */
export function createViewers(sessionKey: string, now: () => number = Date.now): Viewers {
  const viewable = new WeakMap<Request, ReadonlySet<string>>();
  return {
    async identify(request) {
      viewable.set(request, new Set((await sessionOf(request, sessionKey, now()))?.images));
    },
    // The account needs no check: the signer's `accountHash` allows no other.
    mayView: (image, request) => viewable.get(request)?.has(image.id) === true,
  };
}

async function sessionOf(request: Request, sessionKey: string, now: number): Promise<Session | undefined> {
  const token = bearerOf(request) ?? cookieOf(request);
  return token === undefined ? undefined : readSession(sessionKey, token, now);
}

function bearerOf({ headers }: Request): string | undefined {
  return /^bearer +([\w.-]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

/** A sibling host can set a second cookie of the same name, and nothing tells which one is real: neither counts. */
function cookieOf({ headers }: Request): string | undefined {
  const [value, ...others] = (headers.get('cookie') ?? '').split(';').flatMap((cookie) => {
    const [name, ...rest] = cookie.split('=');
    return name?.trim() === sessionCookie ? rest.join('=').trim() : [];
  });
  return others.length === 0 ? value : undefined;
}
