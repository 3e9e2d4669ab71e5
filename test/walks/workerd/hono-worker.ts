/** A Worker with Hono and its cache, before and after the signer. `/clock?<milliseconds>` moves its clock. */
import { Hono, type MiddlewareHandler } from 'hono';
import { cache } from 'hono/cache';
import { imageSigner } from '../../../src/hono.ts';
import { base, instant, url } from '../../support/samples.ts';

let now = instant;
let answers = 0;
const cached = (): MiddlewareHandler => cache({ cacheName: 'pages', cacheControl: 'public', wait: true });
const signed = (): MiddlewareHandler => imageSigner({ ...base, now: () => now } as never);

function pages(...middleware: readonly MiddlewareHandler[]): Hono {
  const app = new Hono();
  for (const each of middleware) app.use(each);
  const page = (): string => `<p>${++answers}</p><img src="${url()}">`;
  app.get('/lasting', (c) => c.html(page(), 200, { 'cache-control': 'max-age=99999999' }));
  app.get('/plain', (c) => c.html(page()));
  return app;
}

const app: Hono = new Hono()
  .get('/clock', (c) => {
    now = Number(new URL(c.req.url).search.slice(1));
    return c.text('');
  })
  .route('/cached-signed', pages(cached(), signed()))
  .route('/signed-cached', pages(signed(), cached()));

export default app;
