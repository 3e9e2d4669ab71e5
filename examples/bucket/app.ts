/** The site: an album whose photos lie in a private bucket. All that it works with is handed in. */
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { imageSigner } from 'image-signer';
import { s3 } from 'image-signer/schemes';
import { securityHeaders } from '../gallery/protection.ts';
import { credentials, region } from './bucket.ts';
import { photoAt, type Texts } from './texts.ts';
import { photos } from './uploads.ts';

export interface AlbumParts {
  readonly bucketUrl: string;
  readonly texts: Texts;
}

export function createAlbum({ bucketUrl, texts }: AlbumParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('view engine', 'ejs');
  app.set('views', pathOf('views'));
  app.use(securityHeaders({ base: bucketUrl, absoluteBase: bucketUrl }));
  app.use('/assets', express.static(pathOf('public'), { index: false }));

  app.use(
    imageSigner({
      // The site's keys read the whole bucket. `prefixes` says which part of it a page may show.
      scheme: s3({ url: bucketUrl, region, credentials, prefixes: ['uploads/'] }),
      ttl: '1m',
    }),
  );

  app.get('/', (_req, res) => {
    const urlOf = (key: string): string => `${bucketUrl}/${key}`;
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

  // A link to send to a friend: it lives longer than those in pages.
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
