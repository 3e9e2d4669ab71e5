/** `npm run example -- koa`: the site in Koa, with the gallery's port, pictures and signals. */
import { runSite } from '../gallery/process.ts';
import { createKoaGallery } from './app.ts';

await runSite({
  command: 'npm run example -- koa',
  listenerOf: (parts) => createKoaGallery(parts).callback(),
  thingsToTry: () => [
    ['/', 'pictures that the view signs by their ids; every card links to its picture'],
    ['/#members', 'switch to Member at the top of the page: these pictures are no longer blurred'],
    ['/article', 'stored HTML with plain URLs, signed in the response: view the page source'],
  ],
});
