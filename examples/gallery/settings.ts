/** Reads the environment: the port, the delivery, and whether a cache is in front. */

/** All four variables together select Cloudflare's delivery. */
const cloudflareNames = ['IMAGES_KEY', 'IMAGES_ACCOUNT_HASH', 'IMAGES_DELIVERY', 'IMAGES_IDS'] as const;

/** Cloudflare's own ids are UUIDs; custom ids can have slashes. */
const plainId = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

export interface CloudflareSettings {
  readonly key: string;
  readonly accountHash: string;
  /** `https://imagedelivery.net`, or a domain's `/cdn-cgi/imagedelivery`. */
  readonly delivery: string;
  readonly ids: readonly string[];
}

export interface Settings {
  /** 0 means any free port. */
  readonly port: number;
  /** Undefined: the gallery draws and delivers its own pictures. */
  readonly cloudflare: CloudflareSettings | undefined;
  /** Whether a shared cache in front may store the gallery's own pictures. */
  readonly sharedCache: boolean;
}

/** A wrong environment variable. The message is one line that says how to fix it. */
export class SettingsError extends Error {
  override readonly name: string = 'SettingsError';
}

/** @throws SettingsError */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  return {
    port: readPort(environment['PORT']),
    cloudflare: readCloudflare(environment),
    sharedCache: readSharedCache(environment['SHARED_CACHE']),
  };
}

/** @throws SettingsError */
export function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return 3000;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SettingsError(
    `PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}. Use 0 for any free port.`,
  );
}

function readSharedCache(text: string | undefined): boolean {
  if (text === undefined || text === '' || text === '0') return false;
  if (text === '1') return true;
  throw new SettingsError(
    `SHARED_CACHE must be 1 or 0, not ${JSON.stringify(text)}. Set 1 to let a shared cache in front store the pictures; otherwise unset it.`,
  );
}

function readCloudflare(
  environment: Readonly<Record<string, string | undefined>>,
): CloudflareSettings | undefined {
  // Not trimmed: white space around a key is a paste accident, which createSigner explains.
  const [key = '', accountHash = '', delivery = '', list = ''] = cloudflareNames.map(
    (name) => environment[name],
  );
  const ids = list.split(',').flatMap((id) => id.trim() || []);
  const missing = cloudflareNames.filter((name) =>
    name === 'IMAGES_IDS' ? ids.length === 0 : !environment[name],
  );
  if (missing.length === cloudflareNames.length) return undefined;
  if (missing.length > 0) {
    const [verb, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
    throw new SettingsError(
      `To show pictures from Cloudflare, ${missing.join(' and ')} ${verb} missing. Set ${them}, or unset all four for the gallery’s own pictures.`,
    );
  }
  // A path would work in pages, but not in `og:image`.
  if (!/^https?:\/\//i.test(delivery)) {
    throw new SettingsError(
      `IMAGES_DELIVERY must be a whole URL, such as https://imagedelivery.net, not ${JSON.stringify(delivery)}.`,
    );
  }
  const stray = ids.find((id) => !plainId.test(id));
  if (stray !== undefined) {
    throw new SettingsError(
      `IMAGES_IDS must be image ids, separated by commas. ${JSON.stringify(stray)} is not an image id.`,
    );
  }
  return { key, accountHash, delivery, ids: [...new Set(ids)] };
}
