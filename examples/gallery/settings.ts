/** What the environment says: the port, who delivers, what stands in front. It knows no files and no servers. */

/** Four variables that belong together: with all of them the pages run on Cloudflare's delivery. */
const cloudflareNames = ['IMAGES_KEY', 'IMAGES_ACCOUNT_HASH', 'IMAGES_DELIVERY', 'IMAGES_IDS'] as const;

/** Cloudflare's own ids are UUIDs; those that an account makes up may hold slashes. */
const plainId = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

export interface CloudflareSettings {
  readonly key: string;
  readonly accountHash: string;
  /** `https://imagedelivery.net`, or a domain's `/cdn-cgi/imagedelivery`. */
  readonly delivery: string;
  readonly ids: readonly string[];
}

export interface Settings {
  /** 0 asks for any port that is free. */
  readonly port: number;
  /** Undefined: the gallery draws and delivers its own pictures. */
  readonly cloudflare: CloudflareSettings | undefined;
  /** Whether a shared cache in front may keep the gallery's own pictures. */
  readonly sharedCache: boolean;
}

/** A mistake of whoever starts the gallery; its message is one line that says how to fix it. */
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
    `PORT is a number from 0 to 65535, not ${JSON.stringify(text)}. 0 takes any free port.`,
  );
}

function readSharedCache(text: string | undefined): boolean {
  if (text === undefined || text === '' || text === '0') return false;
  if (text === '1') return true;
  throw new SettingsError(
    `SHARED_CACHE is 1 where a shared cache in front may keep the pictures, not ${JSON.stringify(text)}. Unset it, or set 0, where none may.`,
  );
}

function readCloudflare(
  environment: Readonly<Record<string, string | undefined>>,
): CloudflareSettings | undefined {
  // Not trimmed: a key with white space around it is a paste accident, which createSigner explains.
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
  // A path would do for the pages, but not for `og:image`.
  if (!/^https?:\/\//i.test(delivery)) {
    throw new SettingsError(
      `IMAGES_DELIVERY is a whole URL, such as https://imagedelivery.net, not ${JSON.stringify(delivery)}.`,
    );
  }
  const stray = ids.find((id) => !plainId.test(id));
  if (stray !== undefined) {
    throw new SettingsError(
      `IMAGES_IDS is a list of image ids with commas between them; ${JSON.stringify(stray)} is none.`,
    );
  }
  return { key, accountHash, delivery, ids: [...new Set(ids)] };
}
