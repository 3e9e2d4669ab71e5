/** The body of an `IncomingMessage`, of Express or Koa: what a body parser has left, or else read here up to a limit. */
import type { IncomingMessage } from 'node:http';
import { type Body, maxBodyBytes } from '../../endpoint/batch.ts';

/** @param parsed - what a body parser has left, if one has run */
export async function readBody(request: IncomingMessage, parsed: unknown): Promise<Body> {
  if (request.destroyed && !request.complete) return 'aborted';
  // Express 4 gives every request the body `{}`, whether or not a parser has read it.
  const isParsed = parsed !== undefined && !isEmpty(parsed);
  // A stream that has been read gives no more, or not everything: waiting for its end could take forever. One without
  // bytes has ended without having been read.
  const isRead = request.readableDidRead || request.readableEnded || request.destroyed;
  if (isParsed || isRead) return { value: parsed };
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'unreadable';
  return read(request);
}

function isEmpty(parsed: unknown): boolean {
  return parsed === null || (typeof parsed === 'object' && Reflect.ownKeys(parsed).length === 0);
}

/** Reads no further than the limit: the rest of a body that is too long stays unread. */
function read(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const settle = (body: Body): void => {
      request.off('data', onData).off('end', onEnd).off('error', onAbort).off('close', onAbort);
      resolve(body);
    };
    const onData = (chunk: Uint8Array | string): void => {
      // Text if the app has called `setEncoding`.
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, request.readableEncoding ?? 'utf8') : chunk;
      length += bytes.length;
      chunks.push(bytes);
      if (length <= maxBodyBytes) return;
      request.pause();
      settle('too-long');
    };
    const onEnd = (): void => settle({ value: Buffer.concat(chunks) });
    // A client that leaves, or is cut off by a timeout, is no error to report.
    const onAbort = (): void => settle('aborted');
    request.on('data', onData).on('end', onEnd).on('error', onAbort).on('close', onAbort);
  });
}
