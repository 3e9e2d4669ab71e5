/** The bodies that Koa takes, and the same ones transformed. */
import { pipeline, Readable } from 'node:stream';
import { asBuffer } from '../bytes.ts';
import type { BodyTransform } from '../http/body-transform.ts';
import { toTransform } from '../rewriting/node-stream.ts';

/** @param broken - hears that the source has failed, or was cut off */
export function transformBody(
  body: unknown,
  transform: BodyTransform,
  broken: () => void,
): Buffer | Readable {
  const source = streamOf(body);
  if (source === undefined) return asBuffer(transform.end(bytesOf(body)));
  const out = toTransform(transform);
  pipeline(source, out, (error) => {
    if (error) broken();
  });
  return out;
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Undefined for a body that is there as a whole. Koa 3 takes those of the web as well. */
function streamOf(body: unknown): Readable | undefined {
  if (body instanceof ReadableStream) return fromWeb(body);
  if (body instanceof Blob) return fromWeb(body.stream());
  if (body instanceof Response) return body.body === null ? Readable.from([]) : fromWeb(body.body);
  return typeof (body as Partial<Readable> | null)?.pipe === 'function' ? (body as Readable) : undefined; // as Koa tells them
}

function fromWeb(stream: ReadableStream): Readable {
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]); // the same class, under two declarations
}
