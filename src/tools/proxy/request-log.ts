/** The log entry of a request: without its query and tokens, and without characters that could forge a line. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { redactUrl } from '../../url/redaction.ts';

export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Undefined if the client left before the answer. */
  readonly status: number | undefined;
  readonly milliseconds: number;
  /** The request or the answer is incomplete. */
  readonly aborted?: true;
  /** Why the proxy itself answered. */
  readonly reason?: string;
}

export type Log = (entry: LogEntry) => void;

export function pathForLog(url: string | undefined): string {
  return redactUrl((url ?? '').split('?', 1)[0]!);
}

/**
 * Logs a request when its response is over.
 * @returns a function that takes the reason of a failure
 */
export function logRequest(
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): (reason: string) => void {
  const time = new Date().toISOString();
  const began = performance.now();
  let failure: string | undefined;
  response.once('close', () => {
    log({
      time,
      method: request.method ?? '',
      path: pathForLog(request.url),
      status: response.headersSent ? response.statusCode : undefined,
      milliseconds: Math.round(performance.now() - began),
      ...(!response.writableFinished && { aborted: true }),
      ...(failure !== undefined && { reason: failure }),
    });
  });
  return (reason) => {
    failure = reason;
  };
}
