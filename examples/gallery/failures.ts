/** Error pages of the Express app. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { describeFailure, Refusal } from './refusal.ts';

export const notFound: RequestHandler = () => {
  throw new Refusal(404, 'This page does not exist.');
};

// Express recognises an error handler by its four parameters.
export const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const failure = describeFailure(error);
  if (failure.status === 500) console.error(error);
  res.status(failure.status).render('error', failure);
};
