/**
 * What the bindings say: variables from `wrangler.jsonc`, and its secrets. Checked here is what the Worker itself goes
 * by; what goes to the signer, the signer checks.
 */
import type { Duration, VariantPolicy } from 'image-signer/fetch';

/** The names as they stand in `wrangler.jsonc`, and in `wrangler secret put`. */
export interface Env {
  /** Where the site itself is: `https://origin.shop.example`. */
  readonly ORIGIN: string;
  /** Secret: the signing key of Cloudflare Images. */
  readonly IMAGES_KEY: string;
  /** Secret: what sessions are signed with, by whoever signs a visitor in. A site for everybody needs none. */
  readonly SESSION_KEY?: string | undefined;
  readonly IMAGES_ACCOUNT_HASH: string;
  /** `https://imagedelivery.net`, or a domain's `/cdn-cgi/imagedelivery`. */
  readonly IMAGES_DELIVERY: string;
  readonly IMAGES_TTL: Duration;
  readonly VARIANTS: Readonly<Record<string, VariantPolicy>>;
  /** What a page shows of a picture that its viewer may not see: an always public variant. */
  readonly DENIED_VARIANT?: string | undefined;
  /** Whose pages these are: see `pagesAreForAll`. */
  readonly PAGES: 'viewer' | 'everybody';
}

export interface Settings {
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  /** Undefined: there are no sessions, so nothing is signed on demand. */
  readonly sessionKey: string | undefined;
  /**
   * Whether a page is the same for all who get it, and its pictures are signed for all of them. Then it may be cached,
   * and nobody is asked. It must not hold what visitors have written: a comment could name any picture.
   */
  readonly pagesAreForAll: boolean;
}

/** A mistake of whoever sets the Worker up. Its message names a binding, and never a secret. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError';
}

/** As many as a key of 128 bits has in hex. */
const shortestKey = 32;

/** @throws SettingsError */
export function readSettings(env: Env): Settings {
  const { ORIGIN, SESSION_KEY, IMAGES_KEY, PAGES } = env;
  // Not anything else for `everybody`: a slip of the pen must not show pictures to strangers.
  if (PAGES !== 'viewer' && PAGES !== 'everybody') {
    throw new SettingsError("PAGES is 'viewer' or 'everybody'.");
  }
  const pagesAreForAll = PAGES === 'everybody';
  if (SESSION_KEY !== undefined || !pagesAreForAll) requireSessionKey(SESSION_KEY);
  // Whoever signs sessions could sign pictures then, and the other way round.
  if (SESSION_KEY !== undefined && SESSION_KEY === IMAGES_KEY) {
    throw new SettingsError('SESSION_KEY and IMAGES_KEY are the same. Each has to be a key of its own.');
  }
  return { origin: readOrigin(ORIGIN), sessionKey: SESSION_KEY, pagesAreForAll };
}

function requireSessionKey(key: unknown): void {
  if (typeof key === 'string' && key.length >= shortestKey) return;
  throw new SettingsError(
    `SESSION_KEY is missing, or shorter than ${shortestKey} characters. Make one: openssl rand -hex 32 | npx wrangler secret put SESSION_KEY. A site without sessions has none, and PAGES: 'everybody'.`,
  );
}

function readOrigin(text: unknown): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return url.origin;
  throw new SettingsError(
    'ORIGIN is a scheme and a host, such as https://origin.shop.example, without a path.',
  );
}
