/** The gallery as an Express app. It gets everything as arguments, and reads no environment variables. */
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import { imageSigner } from 'image-signer';
import { imageDelivery } from 'image-signer/delivery';
import { ownBase, withoutAvif } from './delivery.ts';
import { notFound, showError } from './failures.ts';
import { protectVisitors, recogniseViewer, refuseForeignForms } from './middleware.ts';
import { anatomyPage } from './pages/anatomy.ts';
import { articlePages } from './pages/article.ts';
import { controls } from './pages/controls.ts';
import { pageFacts } from './pages/facts.ts';
import { galleryPage } from './pages/gallery.ts';
import { openPage } from './pages/open.ts';
import { refusalsPage } from './pages/refusals.ts';
import type { GalleryParts } from './parts.ts';

export function createGallery(parts: GalleryParts): Express {
  const { signer, delivery, folder, sharedCache } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('view engine', 'ejs');
  app.set('views', pathOf('views'));

  app.use(protectVisitors(delivery));
  app.use('/assets', express.static(pathOf('public'), { index: false }));
  // Browsers ask for it wherever no page names an icon, such as beside a picture.
  app.use('/favicon.ico', (_req, res) => res.redirect('/assets/icon.svg'));
  // The package's script for pages that stay open.
  app.use(
    '/assets/image-signer.js',
    express.static(fileURLToPath(import.meta.resolve('image-signer/client.global.js'))),
  );
  if (folder !== undefined) {
    const deliver = imageDelivery({ signer, sharedCache, directory: folder });
    app.use(ownBase, (req, res, next) => deliver(withoutAvif(req), res, next));
  }

  app.use(recogniseViewer);
  app.use(openPage(parts)); // with a signer of its own
  app.use(imageSigner({ signer }));
  app.use(pageFacts(parts));
  app.use(refuseForeignForms, express.urlencoded({ extended: false, limit: '256kb' }));
  app.use(galleryPage(parts), articlePages(parts), anatomyPage(parts), controls(parts));
  if (folder !== undefined) app.use(refusalsPage(parts, folder));
  app.use(notFound, showError);
  return app;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
