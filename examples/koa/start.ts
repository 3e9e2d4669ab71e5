/** `npm run example -- koa`: port, pictures and signals are the gallery's; the site is Koa's. */
import { runSite } from '../gallery/process.ts';
import { createKoaGallery } from './app.ts';

await runSite({
  command: 'npm run example -- koa',
  listenerOf: (parts) => createKoaGallery(parts).callback(),
  thingsToTry: () => [
    ['/', 'pictures that the view signs by their ids; each card leads to its picture'],
    ['/#members', 'become a member at the top of the page, and see these pictures come into focus'],
    ['/article', 'HTML from a store without a single token: look at its source'],
  ],
});
