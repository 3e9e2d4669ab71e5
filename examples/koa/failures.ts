/** What goes wrong: as a page for the visitor, and in the terminal where the mistake is the site's. */
import type { Middleware } from 'koa';
import { describeFailure, Refusal } from '../gallery/refusal.ts';

export const showFailures: Middleware = async (ctx, next) => {
  try {
    await next();
    // What the guard refuses has its answer: a line for an image, not a page.
    if (ctx.status === 404 && ctx.body === undefined)
      throw new Refusal(404, 'There is nothing at this address.');
  } catch (error) {
    if (ctx.headerSent) throw error;
    const failure = describeFailure(error);
    if (failure.status === 500) ctx.app.emit('error', error, ctx);
    ctx.status = failure.status;
    await ctx.render('error', failure);
  }
};

/** Koa 3 tells of visitors who leave in the middle of a file, too. That is their affair. */
const departures: readonly unknown[] = ['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET'];

/** Listens to `error` of the app. */
export function printError(error: NodeJS.ErrnoException): void {
  if (!departures.includes(error.code)) console.error(error);
}
