/** Every kind of body that Koa and Fastify take, transformed into a body of the same kind. */
import { pipeline, Readable } from 'node:stream';
import { type BodyTransform, endAsBytes } from '../../text/body-transform.ts';
import { asBuffer } from '../../text/bytes.ts';
import { toTransform } from './html-stream.ts';

/**
 * Text stays text and a stream stays a stream, since outer middleware may look at the body's type.
 * @param isOutermost - none does: text may become bytes, which saves Koa the encoding
 * @param onBroken - called when the source fails or is cut off
 * @returns undefined for a body that has no text: the framework gives its own error for it
 */
export function transformBody(
  body: unknown,
  transform: BodyTransform,
  isOutermost: boolean,
  onBroken: () => void,
): string | Buffer | Readable | undefined {
  const source = streamOf(body);
  if (source === undefined) return transformWhole(body, transform, isOutermost);
  const out = withPath(toTransform(transform), body);
  pipeline(source, out, (error) => {
    if (error) onBroken();
  });
  return out;
}

function transformWhole(
  body: unknown,
  transform: BodyTransform,
  isOutermost: boolean,
): string | Buffer | undefined {
  // To Koa any other `Uint8Array` is an object like others, which goes out as JSON.
  if (Buffer.isBuffer(body)) return asBuffer(transform.end(body));
  const text = typeof body === 'string' ? body : jsonOf(body);
  if (text === undefined) return undefined;
  if (isOutermost) return endAsBytes(transform, text);
  return transform.endText?.(text) ?? endAsBytes(transform, text).toString();
}

/** @returns undefined for a function or a symbol, and for what cannot be written as JSON, such as a circular object */
function jsonOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

/** Replaces a stream whose content is never sent, as for HEAD: nothing reads the app's own then. */
export function emptyBodyLike(body: unknown): Readable {
  return withPath(Readable.from([]), body);
}

/** Whether all of a body is there, rather than a stream. */
export function isWhole(body: unknown): boolean {
  return !isWeb(body) && !isStream(body);
}

/** A file stream has a `path`. `@koa/etag` makes its tag from that file's date and size, which suits the page as well. */
function withPath<Stream extends Readable>(out: Stream, body: unknown): Stream {
  const { path } = body as { readonly path?: unknown };
  return typeof path === 'string' ? Object.assign(out, { path }) : out;
}

/** @returns undefined for a body that is not a stream */
function streamOf(body: unknown): Readable | undefined {
  if (body instanceof ReadableStream) return fromWeb(body);
  if (body instanceof Blob) return fromWeb(body.stream());
  if (body instanceof Response) return body.body === null ? Readable.from([]) : fromWeb(body.body);
  return isStream(body) ? body : undefined;
}

/** Koa 3 takes these three as bodies, Koa 2 does not. */
function isWeb(body: unknown): boolean {
  return body instanceof ReadableStream || body instanceof Blob || body instanceof Response;
}

/** By Koa's and Fastify's own test for a stream. */
export function isStream(body: unknown): body is Readable {
  return typeof (body as Partial<Readable> | null)?.pipe === 'function';
}

function fromWeb(stream: ReadableStream): Readable {
  // The DOM's and Node's declarations of the same class differ.
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}
