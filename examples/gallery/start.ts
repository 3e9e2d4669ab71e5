/** `npm start`: the gallery in Express. */
import { createGallery } from './app.ts';
import { runSite } from './process.ts';
import { createGallerySigner } from './signer.ts';

await runSite({
  command: 'npm start',
  listenerOf: (parts) => createGallery({ ...parts, signer: createGallerySigner(parts) }),
  thingsToTry: (isOwnDelivery) => [
    ['/', 'become a member at the top of the page, and see the last pictures come into focus'],
    ['/article', 'HTML from a store without a single token: look at its source'],
    isOwnDelivery
      ? ['/url', "take one picture's address apart, then move the clock past its expiry"]
      : ['/article/edit', 'an edit form that keeps the addresses as they are stored'],
    ...(isOwnDelivery
      ? ([['/refusals', 'what a refused picture says, in every size: for developers alone']] as const)
      : []),
    ['/open', 'leave it open for a minute, then scroll: one script has fetched new addresses by then'],
  ],
});
