/** The gallery in Koa 3. All that it works with is handed in; it reads neither environment nor disk. */
import { fileURLToPath } from 'node:url';
import { bodyParser } from '@koa/bodyparser';
import views from '@ladjs/koa-views';
import { createSigner, imageGuard, imageSigner } from 'image-signer/koa';
import Koa from 'koa';
import conditional from 'koa-conditional-get';
import mount from 'koa-mount';
import serve from 'koa-static';
import { ownAccountHash, ownBase } from '../gallery/delivery.ts';
import type { SiteParts } from '../gallery/parts.ts';
import { lendingOptions, longestLife } from '../gallery/policy.ts';
import { mayView } from '../gallery/viewers.ts';
import { printError, showFailures } from './failures.ts';
import { describeFrame, protectVisitors, recogniseViewer, refuseForeignForms } from './middleware.ts';
import { pages } from './pages.ts';

/** @throws ImageSignerError INVALID_OPTION, for what came from the environment */
export function createKoaGallery(parts: SiteParts): Koa {
  const { pictures, delivery, clock, folder, sharedCache } = parts;
  // One signer for the pages and for the guard of the pictures.
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
    const delivered = new Koa();
    delivered.use(imageGuard({ signer, sharedCache }));
    // A URL ends in the variant: `extensions` finds the file, and with it the type. koa-static says `max-age=0` unless it
    // is given more, and the guard cuts what it is given to the token's life.
    delivered.use(serve(folder, { extensions: ['webp'], maxage: longestLife * 1000, index: false }));
    app.use(mount(`${ownBase}/${ownAccountHash}`, delivered));
  }

  app.use(
    imageSigner({
      signer,
      // After a no `preview` goes out: the signer's `deniedVariant`.
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
