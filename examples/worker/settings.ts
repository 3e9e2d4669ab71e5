/**
 * Reads the bindings: the variables in `wrangler.jsonc`, and the secrets. This file checks the Worker's own settings; the
 * signer checks its options.
 */
import type { Duration, VariantPolicy } from 'image-signer/fetch';

/** The names in `wrangler.jsonc` and of `wrangler secret put`. */
export interface Env {
  /** The address of the site: `https://origin.shop.example`. */
  readonly ORIGIN: string;
  /** Secret: the signing key of Cloudflare Images. */
  readonly IMAGES_KEY: string;
  /** Secret: signs sessions. The service that signs visitors in has it too. A site for everybody does not need it. */
  readonly SESSION_KEY?: string | undefined;
  readonly IMAGES_ACCOUNT_HASH: string;
  /** `https://imagedelivery.net`, or a domain's `/cdn-cgi/imagedelivery`. */
  readonly IMAGES_DELIVERY: string;
  readonly IMAGES_TTL: Duration;
  readonly VARIANTS: Readonly<Record<string, VariantPolicy>>;
  /** An always public variant, for pictures that the viewer must not see. */
  readonly DENIED_VARIANT?: string | undefined;
  /** Who the pages are for: see `pagesAreForAll`. */
  readonly PAGES: 'viewer' | 'everybody';
}

export interface Settings {
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  /** If undefined, there are no sessions, and `/sign` is off. */
  readonly sessionKey: string | undefined;
  /**
   * Whether pages are the same for everybody, with all pictures signed. Then caches can store pages, and `authorize` is
   * not used. Such pages must not have HTML from visitors: a comment could name any picture.
   */
  readonly pagesAreForAll: boolean;
}

/** A wrong setting. The message names a binding, never a secret. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError';
}

/** The length of 128 bits in hex. */
const shortestKey = 32;

/** @throws SettingsError */
export function readSettings(env: Env): Settings {
  const { ORIGIN, SESSION_KEY, IMAGES_KEY, PAGES } = env;
  // Accept no other value for `everybody`: a typing mistake must not show pictures to strangers.
  if (PAGES !== 'viewer' && PAGES !== 'everybody') {
    throw new SettingsError("PAGES must be 'viewer' or 'everybody'.");
  }
  const pagesAreForAll = PAGES === 'everybody';
  if (SESSION_KEY !== undefined || !pagesAreForAll) requireSessionKey(SESSION_KEY);
  // With one key, the service that signs sessions could sign pictures, and the other way round.
  if (SESSION_KEY !== undefined && SESSION_KEY === IMAGES_KEY) {
    throw new SettingsError('SESSION_KEY and IMAGES_KEY are the same. Use two different keys.');
  }
  return { origin: readOrigin(ORIGIN), sessionKey: SESSION_KEY, pagesAreForAll };
}

function requireSessionKey(key: unknown): void {
  if (typeof key === 'string' && key.length >= shortestKey) return;
  throw new SettingsError(
    `SESSION_KEY is missing, or shorter than ${shortestKey} characters. Make one: openssl rand -hex 32 | npx wrangler secret put SESSION_KEY. A site without sessions needs no SESSION_KEY: set PAGES to 'everybody'.`,
  );
}

function readOrigin(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return url.origin;
  throw new SettingsError(
    'ORIGIN must be a scheme and a host, such as https://origin.shop.example, without a path.',
  );
}
