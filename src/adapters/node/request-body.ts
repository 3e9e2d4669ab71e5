/**
 * The body of an `IncomingMessage`: what a parser has made of it, or what is read here, up to a bound. Koa's porch
 * reads its `ctx.req` with it too.
 */
import type { IncomingMessage } from 'node:http';
import { type Body, maxBodyBytes } from '../../endpoint/batch.ts';

/** @param parsed - what a parser has left, if there was one */
export async function bodyOf(request: IncomingMessage, parsed: unknown): Promise<Body> {
  if (request.destroyed && !request.complete) return 'gone';
  // Express 4 gives every request a body, `{}`, whether or not a parser has read it.
  const isParsed = parsed !== undefined && !isEmpty(parsed);
  // A stream that somebody has read gives no more, or not all: waiting for its end might be for ever.
  if (isParsed || request.readableDidRead || request.destroyed) return { value: parsed };
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'unreadable';
  return read(request);
}

function isEmpty(parsed: unknown): boolean {
  return parsed === null || (typeof parsed === 'object' && Reflect.ownKeys(parsed).length === 0);
}

/** Reads no further than the bound: what is too long is left where it is. */
function read(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const settle = (body: Body): void => {
      request.off('data', take).off('end', end).off('error', leave).off('close', leave);
      resolve(body);
    };
    const take = (chunk: Uint8Array | string): void => {
      // Text where somebody has called `setEncoding`.
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, request.readableEncoding ?? 'utf8') : chunk;
      length += bytes.length;
      chunks.push(bytes);
      if (length <= maxBodyBytes) return;
      request.pause();
      settle('too-long');
    };
    const end = (): void => settle({ value: Buffer.concat(chunks) });
    // A client that goes away, or is thrown out for being slow, is no error of anybody.
    const leave = (): void => settle('gone');
    request.on('data', take).on('end', end).on('error', leave).on('close', leave);
  });
}
