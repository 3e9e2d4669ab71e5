/** The two pages, and the switch between guest and member. */
import type { Context, Middleware } from 'koa';
import type { SiteParts } from '../gallery/parts.ts';
import { ownPath } from '../gallery/protection.ts';
import { Refusal } from '../gallery/refusal.ts';
import { headOf } from '../gallery/store.ts';
import { viewerCookie } from '../gallery/viewers.ts';
import { wallOf } from '../gallery/wall.ts';

export function pages(parts: SiteParts): Middleware {
  const wall = wallOf(parts);
  const routes = new Map<string, (ctx: Context) => Promise<void> | void>([
    // The view's helpers sign open pictures; the middleware signs the plain URLs of members' pictures.
    ['GET /', (ctx) => ctx.render('gallery', wall)],
    [
      'GET /article',
      (ctx) => {
        const article = parts.store.read();
        return ctx.render('article', { title: article.title, article, head: headOf(article) });
      },
    ],
    ['POST /viewer', switchViewer],
    ['GET /favicon.ico', (ctx) => ctx.redirect('/assets/icon.svg')],
  ]);
  return (ctx, next) => {
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
    const route = routes.get(`${method} ${ctx.path}`);
    return route === undefined ? next() : route(ctx);
  };
}

function switchViewer(ctx: Context): void {
  const { viewer, from } = (ctx.request.body ?? {}) as Readonly<Record<string, unknown>>; // a form's fields
  if (viewer !== 'guest' && viewer !== 'member')
    throw new Refusal(400, 'The viewer must be guest or member.');
  ctx.cookies.set(viewerCookie, viewer, { httpOnly: true, sameSite: 'lax' });
  ctx.status = 303;
  ctx.redirect(ownPath(from));
}
