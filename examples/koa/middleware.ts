/** Middleware that runs before every page. */
import { promisify } from 'node:util';
import type { Middleware } from 'koa';
import type { Delivery } from '../gallery/delivery.ts';
import type { SiteParts } from '../gallery/parts.ts';
import { isForeignForm, securityHeaders } from '../gallery/protection.ts';
import { Refusal } from '../gallery/refusal.ts';
import { type Viewer, viewerCookie } from '../gallery/viewers.ts';

declare module 'koa' {
  interface DefaultState {
    /** Set by `recogniseViewer`. */
    viewer?: Viewer | undefined;
  }
}

export function protectVisitors(delivery: Delivery): Middleware {
  const setHeaders = promisify(securityHeaders(delivery));
  return async (ctx, next) => {
    await setHeaders(ctx.req, ctx.res);
    await next();
  };
}

/** Stores in the state what `authorize` needs. `authorize` is synchronous, so a database lookup would go here. */
export const recogniseViewer: Middleware = (ctx, next) => {
  ctx.state.viewer = ctx.cookies.get(viewerCookie) === 'member' ? 'member' : 'guest';
  return next();
};

/** Values that the views show on every page. */
export function describeFrame({ folder }: Pick<SiteParts, 'folder'>): Middleware {
  return (ctx, next) => {
    const frame = { here: ctx.originalUrl, isOwnDelivery: folder !== undefined, isShort: true };
    Object.assign(ctx.state, frame, { framework: 'Koa' });
    return next();
  };
}

export const refuseForeignForms: Middleware = (ctx, next) => {
  if (isForeignForm(ctx.method, ctx.headers)) throw new Refusal(403, 'This form was sent from another site.');
  return next();
};
