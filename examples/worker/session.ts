/**
 * A session as a text that its holder cannot change: `<JSON, base64url>.<HMAC-SHA256, base64url>`. Whoever signs visitors
 * in gives it out; the Worker reads it without asking anybody. It knows no requests, and not the images' key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Session {
  /** Whose it is, for whoever reads a log. */
  readonly viewer: string;
  /** The ids of the pictures that this viewer may see: some fifty fit into a cookie. */
  readonly images: readonly string[];
  /** In Unix seconds. */
  readonly expiresAt: number;
}

/** Longer ones are refused before anything is computed; a browser keeps no cookie as long as this. */
const longestToken = 4096;

export function issueSession(key: string, session: Session): string {
  const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${payload}.${macOf(key, payload)}`;
}

/**
 * Throws at nothing that others have made up: only what was issued with this key is parsed.
 * @param now - in milliseconds
 * @returns undefined for what was not issued with this key, or has run out
 */
export function readSession(key: string, token: string, now: number): Session | undefined {
  if (token.length > longestToken) return undefined;
  const dot = token.indexOf('.');
  const payload = token.slice(0, Math.max(dot, 0));
  // Compared as texts, so that each token has one spelling: `Buffer.from` takes many for the same bytes.
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(macOf(key, payload));
  // Its length is no secret. Before this holds, nothing of the payload is looked at.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const session: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return isSession(session) && now < session.expiresAt * 1000 ? session : undefined;
}

/**
 * `node:crypto`, not WebCrypto: `authorize` of a page has to answer at once. The word in front says what the key was
 * used for, should it ever sign something else.
 */
function macOf(key: string, payload: string): string {
  return createHmac('sha256', key).update(`session ${payload}`).digest('base64url');
}

/** What this key has signed once may be of another version of the site. */
function isSession(value: unknown): value is Session {
  if (typeof value !== 'object' || value === null) return false;
  const { viewer, images, expiresAt } = value as Partial<Record<keyof Session, unknown>>;
  return (
    typeof viewer === 'string' &&
    Array.isArray(images) &&
    images.every((id) => typeof id === 'string') &&
    Number.isSafeInteger(expiresAt)
  );
}
