/** The bodies that Koa takes, and the same ones transformed. */
import { pipeline, Readable } from 'node:stream';
import { asBuffer } from '../../bytes.ts';
import type { BodyTransform } from '../../http/body-transform.ts';
import { toTransform } from '../node/html-stream.ts';

/**
 * Text stays text, and a stream one: who comes after us looks at a body's kind.
 * @param isUnseen - nobody does: text may become bytes, which Koa sends without encoding it
 * @param broken - hears that the source has failed, or was cut off
 */
export function transformBody(
  body: unknown,
  transform: BodyTransform,
  isUnseen: boolean,
  broken: () => void,
): string | Buffer | Readable {
  const source = streamOf(body);
  if (source === undefined) return transformWhole(body, transform, isUnseen);
  const out = likeFile(toTransform(transform), body);
  pipeline(source, out, (error) => {
    if (error) broken();
  });
  return out;
}

function transformWhole(body: unknown, transform: BodyTransform, isUnseen: boolean): string | Buffer {
  if (body instanceof Uint8Array) return asBuffer(transform.end(body));
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  if (isUnseen) return asBuffer(transform.end(Buffer.from(text)));
  return transform.endText?.(text) ?? asBuffer(transform.end(Buffer.from(text))).toString();
}

/** In the place of a stream when nobody gets to see what is in it. */
export function emptyLike(body: unknown): Readable {
  return likeFile(Readable.from([]), body);
}

/** Whether a body is there as a whole. */
export function isWhole(body: unknown): boolean {
  return !isWeb(body) && !isStream(body);
}

/** The stream of a file says which: `@koa/etag` makes a tag of that, which vouches for the page as well. */
function likeFile<Stream extends Readable>(out: Stream, body: unknown): Stream {
  const { path } = body as { readonly path?: unknown };
  return typeof path === 'string' ? Object.assign(out, { path }) : out;
}

/** Undefined for a body that is there as a whole. */
function streamOf(body: unknown): Readable | undefined {
  if (body instanceof ReadableStream) return fromWeb(body);
  if (body instanceof Blob) return fromWeb(body.stream());
  if (body instanceof Response) return body.body === null ? Readable.from([]) : fromWeb(body.body);
  return isStream(body) ? body : undefined;
}

/** Koa 3 takes them. */
function isWeb(body: unknown): boolean {
  return body instanceof ReadableStream || body instanceof Blob || body instanceof Response;
}

/** As Koa tells them. */
function isStream(body: unknown): body is Readable {
  return typeof (body as Partial<Readable> | null)?.pipe === 'function';
}

function fromWeb(stream: ReadableStream): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]); // the same class, under two declarations
}
