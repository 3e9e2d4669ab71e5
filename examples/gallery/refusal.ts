/** What goes wrong, in words. A visitor's mistake is never the server's fault, and never a 500. */

/** Thrown by a page for what it will not do; its message is shown. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What the view `error` shows. */
export interface Failure {
  readonly status: number;
  readonly title: string;
  readonly message: string;
}

export function describeFailure(error: unknown): Failure {
  const status = statusOf(error);
  return { status, title: titleOf(status), message: messageOf(error, status) };
}

/** Express, Koa and their parsers put it on the error: 400 for a path that cannot be decoded, 413 for a long form. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

function titleOf(status: number): string {
  if (status === 500) return 'Something broke';
  return status === 404 ? 'Not found' : 'That did not work';
}

function messageOf(error: unknown, status: number): string {
  if (error instanceof Refusal) return error.message;
  if (status === 413) return 'That was more than this form takes.';
  return status === 500 ? 'The mistake is ours; the terminal says more.' : 'The request cannot be read.';
}
