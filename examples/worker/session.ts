/**
 * A session as a JSON Web Token (RFC 7519), signed with HMAC-SHA256. The service that signs visitors in issues it. The
 * Worker verifies it without another server.
 */
import { jwtVerify, SignJWT } from 'jose';

export interface Session {
  /** The subject, for logs. */
  readonly viewer: string;
  /** The ids of the pictures that this viewer may see: about fifty fit into a cookie. */
  readonly images: readonly string[];
  /** In Unix seconds. */
  readonly expiresAt: number;
}

/** A token for another service that shares the key is not a session here (RFC 8725, 3.9). */
const audience = 'image-worker';
/** Longer tokens are refused before any computation. Browsers do not store longer cookies. */
const maxTokenLength = 4096;

export async function issueSession(key: string, { viewer, images, expiresAt }: Session): Promise<string> {
  return new SignJWT({ images })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(viewer)
    .setAudience(audience)
    .setExpirationTime(expiresAt)
    .sign(secretOf(key));
}

/**
 * @param now - in milliseconds
 * @returns undefined for a token that was not issued with this key, or has expired
 */
export async function readSession(key: string, token: string, now: number): Promise<Session | undefined> {
  if (token.length > maxTokenLength) return undefined;
  try {
    const { payload } = await jwtVerify(token, secretOf(key), {
      algorithms: ['HS256'], // do not trust the token's own header (RFC 8725, 3.1)
      audience,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now),
    });
    const { sub: viewer = '', exp: expiresAt = 0, images } = payload;
    return areIds(images) ? { viewer, images, expiresAt } : undefined;
  } catch {
    return undefined; // jose throws for every token that it refuses
  }
}

function secretOf(key: string): Uint8Array {
  return new TextEncoder().encode(key);
}

/** Tokens from an older version of the site can have other contents. */
function areIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((id) => typeof id === 'string');
}
