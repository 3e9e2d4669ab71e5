/** The parts, put together: the endpoint in front, behind it the pages signed, behind those the site itself. */
import { createSigner, ImageSignerError, imageSigner, signingEndpoint } from 'image-signer/fetch';
import { createOrigin } from './origin.ts';
import { type Env, readSettings, SettingsError } from './settings.ts';
import { createMayView } from './viewer.ts';

export type Site = (request: Request) => Promise<Response>;

/** Bindings come with each request, and are the same object for as long as the isolate lives. */
const sites = new WeakMap<Env, Site>();

/**
 * Made once for each isolate: a signer remembers what it has signed.
 * @throws SettingsError
 */
export function siteOf(env: Env): Site {
  const site = sites.get(env) ?? createSite(env);
  sites.set(env, site);
  return site;
}

function createSite(env: Env): Site {
  const { origin, sessionKey, pagesAreForAll } = readSettings(env);
  const askOrigin = createOrigin(origin);
  const mayView = createMayView(sessionKey);
  try {
    const signer = createSigner({
      key: env.IMAGES_KEY,
      accountHash: env.IMAGES_ACCOUNT_HASH,
      delivery: env.IMAGES_DELIVERY,
      ttl: env.IMAGES_TTL,
      variants: env.VARIANTS,
      deniedVariant: env.DENIED_VARIANT,
      // A page that the signer could not read is worth a line: `encoding` names an origin that compresses its own way.
      report(event) {
        if (event.type === 'passed') console.warn(`Passed as it came: ${event.reason}`);
      },
    });
    // Whoever asks for a URL is always asked for a session, whatever the pages do: this is what makes it no oracle.
    const sign = signingEndpoint({ signer, path: '/sign', authorize: mayView });
    // With `authorize` a page is `private`, and no cache keeps it for somebody else. Where pages are for all, leaving
    // it out is what lets browsers and caches keep them, with an `ETag`, for half of the ttl.
    const signPages = imageSigner(pagesAreForAll ? { signer } : { signer, authorize: mayView });
    return (request) => sign(request, (asked) => signPages(asked, askOrigin));
  } catch (error) {
    throw error instanceof ImageSignerError ? new SettingsError(inBindings(error)) : error;
  }
}

const bindings: Readonly<Record<string, keyof Env>> = {
  key: 'IMAGES_KEY',
  accountHash: 'IMAGES_ACCOUNT_HASH',
  delivery: 'IMAGES_DELIVERY',
  ttl: 'IMAGES_TTL',
  variants: 'VARIANTS',
  deniedVariant: 'DENIED_VARIANT',
};

/** The signer's own message, with the name that its option has here. */
function inBindings({ option = '', message }: ImageSignerError): string {
  const [name = ''] = option.split('.');
  return `${bindings[name] ?? name} is refused. ${message}`;
}
