/** Error pages for the visitor, and a line in the terminal for errors of the site. */
import type { Middleware } from 'koa';
import { describeFailure, Refusal } from '../gallery/refusal.ts';

export const showFailures: Middleware = async (ctx, next) => {
  try {
    await next();
    // The delivery has already answered what it refuses, with a line of text.
    if (ctx.status === 404 && ctx.body === undefined) throw new Refusal(404, 'This page does not exist.');
  } catch (error) {
    if (ctx.headerSent) throw error;
    const failure = describeFailure(error);
    if (failure.status === 500) ctx.app.emit('error', error, ctx);
    ctx.status = failure.status;
    await ctx.render('error', failure);
  }
};

/** Koa 3 also reports visitors who disconnect during a download. These are not errors of the site. */
const departures: readonly unknown[] = ['ERR_STREAM_PREMATURE_CLOSE', 'EPIPE', 'ECONNRESET'];

/** A listener for the app's `error` event. */
export function printError(error: NodeJS.ErrnoException): void {
  if (!departures.includes(error.code)) console.error(error);
}
