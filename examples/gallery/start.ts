/** `npm start`: the gallery in Express. */
import { createGallery } from './app.ts';
import { runSite } from './process.ts';
import { createGallerySigner } from './signer.ts';

await runSite({
  command: 'npm start',
  listenerOf: (parts) => createGallery({ ...parts, signer: createGallerySigner(parts) }),
  thingsToTry: (isOwnDelivery) => [
    ['/', 'switch to Member at the top of the page: the last pictures are no longer blurred'],
    ['/article', 'stored HTML with plain URLs, signed in the response: view the page source'],
    isOwnDelivery
      ? ['/url', 'one signed URL, part by part: move the clock past its expiry']
      : ['/article/edit', 'an edit form that keeps the stored URLs plain'],
    ...(isOwnDelivery
      ? ([['/refusals', 'the reason in place of a refused picture, for development']] as const)
      : []),
    ['/open', 'wait a minute, then scroll: one script has fetched new URLs by then'],
  ],
});
