/** What goes wrong, as a page. A visitor's mistake is never the server's fault, and never a 500. */
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** Thrown by a page for what it will not do; its message is shown. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const notFound: RequestHandler = () => {
  throw new Refusal(404, 'There is nothing at this address.');
};

// Express knows an error handler by its four parameters.
export const showError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const status = statusOf(error);
  if (status === 500) console.error(error);
  res.status(status).render('error', {
    title: status === 500 ? 'Something broke' : status === 404 ? 'Not found' : 'That did not work',
    status,
    message: messageOf(error, status),
  });
};

/** Express and its parsers put the status on the error: 400 for a path that cannot be decoded, 413 for a long form. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function messageOf(error: unknown, status: number): string {
  if (error instanceof Refusal) return error.message;
  if (status === 413) return 'That was more than this form takes.';
  return status === 500 ? 'The mistake is ours; the terminal says more.' : 'The request cannot be read.';
}
