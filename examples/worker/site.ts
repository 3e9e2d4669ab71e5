/** Puts the parts together: first the signing endpoint, then the middleware that signs pages, then the site itself. */
import { createSigner, ImageSignerError, imageSigner, signingEndpoint } from 'image-signer/fetch';
import { createOrigin } from './origin.ts';
import { type Env, readSettings, SettingsError } from './settings.ts';
import { createViewers } from './viewer.ts';

export type Site = (request: Request) => Promise<Response>;

/** By bindings: every request has the same object, as long as the isolate lives. */
const sites = new WeakMap<Env, Site>();

/**
 * Created once per isolate: the signer caches signed URLs.
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
  const viewers = sessionKey === undefined ? undefined : createViewers(sessionKey);
  try {
    const signer = createSigner({
      key: env.IMAGES_KEY,
      accountHash: env.IMAGES_ACCOUNT_HASH,
      delivery: env.IMAGES_DELIVERY,
      ttl: env.IMAGES_TTL,
      variants: env.VARIANTS,
      deniedVariant: env.DENIED_VARIANT,
      // Log pages that could not be rewritten: `encoding` means that the origin compresses them in a way that no Worker
      // can decode.
      report(event) {
        if (event.type === 'passed') console.warn(`Passed through unchanged: ${event.reason}`);
      },
    });
    // With `authorize` a page is `private`, so that no cache shows it to another viewer. If pages are the same for all,
    // leaving it out lets browsers and caches keep them, with an `ETag`, for half of the ttl.
    const signPages = imageSigner(
      pagesAreForAll ? { signer } : { signer, authorize: viewers?.mayView ?? (() => false) },
    );
    // The endpoint always requires a session, even if the pages do not: otherwise it would sign for anybody. Without
    // sessions there is none, and its path is the site's like any other.
    if (viewers === undefined) return (request) => signPages(request, askOrigin);
    const { identify, mayView } = viewers;
    const sign = signingEndpoint({ signer, path: '/sign', authorize: mayView });
    return async (request) => {
      await identify(request);
      return sign(request, (other) => signPages(other, askOrigin));
    };
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

/** The signer's message, with the name of the binding. */
function inBindings({ option = '', message }: ImageSignerError): string {
  const [name = ''] = option.split('.');
  return `${bindings[name] ?? name} is refused. ${message}`;
}
