/** The site: an album with its photos in a private store. It gets everything as arguments. */
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { imageSigner } from 'image-signer';
import { securityHeaders } from '../gallery/protection.ts';
import type { Store } from './store.ts';
import { photoAt, type Texts } from './texts.ts';
import { photos } from './uploads.ts';

export interface AlbumParts {
  readonly store: Pick<Store, 'url' | 'scheme'>;
  readonly texts: Texts;
}

export function createAlbum({ store, texts }: AlbumParts): Express {
  const { url, scheme } = store;
  const app = express();
  app.disable('x-powered-by');
  app.set('view engine', 'ejs');
  app.set('views', pathOf('views'));
  app.use(securityHeaders({ base: url, absoluteBase: url }));
  app.use('/assets', express.static(pathOf('public'), { index: false }));
  app.get('/favicon.ico', (_req, res) => res.redirect('/assets/icon.svg'));

  app.use(imageSigner({ scheme, ttl: '1m' }));

  app.get('/', (_req, res) => {
    const urlOf = (key: string): string => `${url}/${key}`;
    const tour = photos.slice(0, 6).map(({ key, alt }) => ({ src: urlOf(key), alt }));
    res.render('album', {
      ...texts,
      urlOf,
      cover: photoAt(6),
      wall: photos.slice(0, 3),
      byHelper: photoAt(2),
      // A `<` could end the script, or begin a comment in it.
      tour: JSON.stringify(tour).replaceAll('<', '\\u003c'),
    });
  });

  // A link to send to a friend: it is valid for longer than the URLs in pages.
  app.get('/share/:name', (req, res, next) => {
    const photo = photos.find(({ key }) => key === `uploads/${req.params.name}.jpg`);
    if (photo === undefined) return next();
    res.redirect(req.signImage(photo.key, { ttl: '5m' }));
  });
  return app;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
