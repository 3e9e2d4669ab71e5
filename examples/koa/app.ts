/** The gallery in Koa 3. It gets everything as arguments and reads no environment variables. */
import { fileURLToPath } from 'node:url';
import { bodyParser } from '@koa/bodyparser';
import views from '@ladjs/koa-views';
import { imageDelivery } from 'image-signer/delivery';
import { createSigner, imageSigner } from 'image-signer/koa';
import Koa from 'koa';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import serve from 'koa-static';
import { ownBase, withoutAvif } from '../gallery/delivery.ts';
import type { SiteParts } from '../gallery/parts.ts';
import { lendingOptions } from '../gallery/policy.ts';
import { mayView } from '../gallery/viewers.ts';
import { printError, showFailures } from './failures.ts';
import { describeFrame, protectVisitors, recogniseViewer, refuseForeignForms } from './middleware.ts';
import { pages } from './pages.ts';

/** @throws ImageSignerError INVALID_OPTION, for values from the environment */
export function createKoaGallery(parts: SiteParts): Koa {
  const { pictures, delivery, clock, folder, sharedCache } = parts;
  // One signer for the pages and for the delivery of the pictures.
  const signer = createSigner(lendingOptions(delivery, clock));
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));

  const app = new Koa();
  app.on('error', printError);
  app.use(protectVisitors(delivery));
  app.use(views(pathOf('../gallery/views'), { extension: 'ejs', options: { cache: true } }));
  app.use(recogniseViewer);
  app.use(describeFrame(parts));
  app.use(showFailures);
  app.use(conditional());
  app.use(mount('/assets', serve(pathOf('../gallery/public'), { index: false })));
  if (folder !== undefined) {
    const deliver = imageDelivery({ signer, sharedCache, directory: folder });
    app.use((ctx, next) => {
      if (!ctx.path.startsWith(`${ownBase}/`)) return next();
      ctx.respond = false; // the delivery writes the response
      ctx.res.statusCode = 200; // Koa's default is 404
      return deliver(withoutAvif(ctx.req), ctx.res);
    });
  }

  app.use(
    imageSigner({
      signer,
      // If it refuses, the page gets the signer's `deniedVariant`: `preview`.
      authorize: (image, ctx) => mayView(ctx.state.viewer, byId.get(image.id)),
    }),
  );
  app.use(refuseForeignForms);
  app.use(bodyParser({ enableTypes: ['form'], formLimit: '4kb' }));
  app.use(pages(parts));
  return app;
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
