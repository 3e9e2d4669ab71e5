/** Describes errors. A visitor's mistake is never a 500. */

/** Thrown by a page that refuses a request. The visitor sees its message. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The values of the view `error`. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  readonly message: string;
}

export function describeFailure(error: unknown): Failure {
  const status = statusOf(error);
  return { status, title: titleOf(status), message: messageOf(error, status) };
}

/** Express, Koa and their parsers set it on the error: 400 for a malformed path, 413 for a long form. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function titleOf(status: number): string {
  if (status === 500) return 'Something went wrong';
  return status === 404 ? 'Not found' : 'The request was refused';
}

function messageOf(error: unknown, status: number): string {
  if (error instanceof Refusal) return error.message;
  if (status === 413) return 'The form is too long.';
  return status === 500
    ? 'The server failed. Its terminal has the details.'
    : 'The server cannot read the request.';
}
