/** `app.use(imageSigner(options))` of Koa: the middleware itself. */

import { createMounting } from '../node/install.ts';
import { KoaFramework } from './adapter.ts';
import type { KoaContext, KoaNext } from './context.ts';

export function createKoaMiddleware(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const mountOn = createMounting(options);
  // A property's name: esbuild renames a function that is called as an export is.
  const { imageSigner } = {
    async imageSigner(context: KoaContext, next: KoaNext) {
      const framework = new KoaFramework(context);
      const isFirst = mountOn(context.req, context.res, () => framework);
      await next();
      // Where nothing is mounted before us, Koa alone sees what kind the body is of.
      if (isFirst) framework.replaceBody(context.app.middleware?.[0] === imageSigner);
    },
  };
  return imageSigner;
}
