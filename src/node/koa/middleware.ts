/** `app.use(imageSigner(options))` of Koa: the middleware itself. */
import { createInstall } from '../middleware/install.ts';
import { KoaAdapter } from './adapter.ts';
import type { KoaContext, KoaNext } from './context.ts';

/** @throws ImageSignerError INVALID_OPTION */
export function createKoaMiddleware(options: unknown): (context: KoaContext, next: KoaNext) => Promise<void> {
  const install = createInstall(options);
  async function imageSignerMiddleware(context: KoaContext, next: KoaNext): Promise<void> {
    const pending = install.ready();
    if (pending !== undefined) await pending;
    const adapter = new KoaAdapter(context);
    const isFirst = install(context.req, context.res, () => adapter);
    await next();
    if (isFirst) adapter.replaceBody(isOutermost(context.app, imageSignerMiddleware));
  }
  return imageSignerMiddleware;
}

/**
 * Whether no other middleware sees the body after this one. `app.middleware` is not documented, though Koa 1 to 3 all
 * have it. If it is missing or holds something else, the answer is no: text then stays text for whoever comes after,
 * which is always right, and costs one more conversion.
 */
function isOutermost(app: object, middleware: unknown): boolean {
  const list: unknown = Reflect.get(app, 'middleware');
  return Array.isArray(list) && list[0] === middleware;
}
