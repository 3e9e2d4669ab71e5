/**
 * A body that a framework holds before any header goes out: `ctx.body` of Koa, a payload of Fastify. It is replaced there by a body
 * of the same kind, so that outer middleware sees the page as it is sent. The decision then holds when the headers go out, as
 * long as that body is in place; any other one is decided about, and signed, where it is written (`outgoing.ts`).
 */
import { pipeline, Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Rewrite } from '../../http/rewrite-policy.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { parseContentCoding } from '../http/content-coding.ts';
import type { ResponseState } from './response-state.ts';
import { toTransform } from './signer.ts';

export interface HeldBody {
  readonly body: unknown;
  readonly status: number;
  readonly fields: HeaderFields;
  /**
   * Whether the body that goes out with these headers is the one that stands here now.
   * @param body - that was put in place
   */
  holds(body: unknown, status: number, fields: HeaderFields): boolean;
  /** Called when the source of a stream fails or is cut off. */
  onBroken(): void;
}

/** The body that goes out has been replaced already. */
const inPlace: Rewrite = { body: undefined, keepsLength: true };

/** @returns what is to be sent: the same body if nothing has to be put in its place, or if the head is to decide */
export function signHeldBody(state: ResponseState, held: HeldBody): unknown {
  const { body, status, fields } = held;
  state.placed = undefined;
  const type = fields.get('Content-Type') ?? '';
  if (!state.concerns(status, type)) return body;
  const { policy } = state;
  // An encoded body is decoded where it is written. A 304 has none, whatever the app has set.
  if (!policy.onContentType(type) || status === 304) return body;
  if (parseContentCoding(fields.get('Content-Encoding')) !== undefined) return body;
  // For HEAD, frameworks derive the length and the tag from a body that is there as a whole.
  const hasBody = isWhole(body) || state.request.method !== 'HEAD';
  const decision = policy.decide(status, fields, true, hasBody);
  if (typeof decision === 'string' || decision.keepsLength) {
    state.placed = { decision, holds: (...head) => held.holds(body, ...head) };
    return body;
  }
  // A length that is set later is that of another body.
  if (decision.body === undefined) fields.remove('Content-Length');
  const { signed, bytes } =
    decision.body === undefined ? { signed: body } : signedBody(body, decision.body, held.onBroken);
  const text = typeof signed === 'string' && bytes !== undefined ? ([signed, bytes] as const) : undefined;
  state.placed = { decision: inPlace, holds: (...head) => held.holds(signed, ...head), text };
  return signed;
}

interface SignedBody {
  readonly signed: unknown;
  /** Of a text. */
  readonly bytes?: Buffer;
}

/** A text stays a text, bytes stay bytes, a stream a stream, an object an object. */
function signedBody(body: unknown, transform: BodyTransform, onBroken: () => void): SignedBody {
  const source = streamOf(body);
  if (source !== undefined) {
    const out = withPath(toTransform(transform), body);
    pipeline(source, out, (error) => {
      if (error) onBroken();
    });
    return { signed: out };
  }
  // To Koa any other `Uint8Array` is an object like others, which goes out as JSON.
  if (Buffer.isBuffer(body)) return { signed: sameOr(body, transform.end(body)) };
  const text = typeof body === 'string' ? body : jsonOf(body);
  if (text === undefined) return { signed: body }; // the framework gives its own error for it
  const bytes = Buffer.from(text);
  const out = sameOr(bytes, transform.end(bytes));
  if (out === bytes) return { signed: body, bytes };
  return { signed: typeof body === 'string' ? out.toString() : parsed(out.toString()), bytes: out };
}

function sameOr(bytes: Buffer, signed: Uint8Array): Buffer {
  return bytes.equals(signed) ? bytes : Buffer.from(signed.buffer, signed.byteOffset, signed.length);
}

/** @returns undefined for a function or a symbol, and for what cannot be written as JSON, such as a circular object */
function jsonOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

/** @returns the text itself where it is not one of JSON: a page that came as an object */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** Whether all of a body is there, rather than a stream. */
function isWhole(body: unknown): boolean {
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
export function isWeb(body: unknown): boolean {
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
