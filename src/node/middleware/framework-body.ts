/**
 * A body that a framework holds before the headers are sent: Koa's `ctx.body`, Fastify's payload. We replace it by a signed body of the
 * same kind, so that outer middleware sees the page that is sent. The decision stays valid while that body is in place; any other
 * body is decided about and signed where it is written (`outgoing.ts`).
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
   * Whether the body that is sent with these headers is still the one that we put in place.
   * @param body - the body in place
   */
  holds(body: unknown, status: number, fields: HeaderFields): boolean;
  /** Called when the source of a stream fails or is cut off. */
  onBroken(): void;
}

/** The framework's body is already signed. */
const inPlace: Rewrite = { body: undefined, keepsLength: true };

/** @returns the body to send: the same one if it stays, or if `Outgoing` will decide */
export function signHeldBody(state: ResponseState, held: HeldBody): unknown {
  const { body, status, fields } = held;
  state.placed = undefined;
  const type = fields.get('Content-Type') ?? '';
  if (isLocked(body) || !state.concerns(status, type)) return body;
  const { policy } = state;
  // An encoded body is decoded where it is written. A 304 has no body, whatever the app has set.
  if (!policy.onContentType(type) || status === 304) return body;
  if (parseContentCoding(fields.get('Content-Encoding')) !== undefined) return body;
  // For HEAD, frameworks derive length and tag from a whole body.
  const hasBody = isWhole(body) || state.request.method !== 'HEAD';
  const decision = policy.decide(status, fields, true, hasBody);
  if (typeof decision === 'string' || decision.keepsLength) {
    state.placed = { decision, holds: (...head) => held.holds(body, ...head) };
    return body;
  }
  // A length that appears later belongs to another body.
  if (decision.body === undefined) fields.remove('Content-Length');
  const { signed, bytes } =
    decision.body === undefined ? { signed: body } : signedBody(body, decision.body, held.onBroken);
  const text = typeof signed === 'string' && bytes !== undefined ? ([signed, bytes] as const) : undefined;
  state.placed = { decision: inPlace, holds: (...head) => held.holds(signed, ...head), text };
  return signed;
}

interface SignedBody {
  readonly signed: unknown;
  /** Only of a text. */
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
  // Koa sends any other `Uint8Array` as JSON, like other objects.
  if (Buffer.isBuffer(body)) return { signed: sameOr(body, transform.end(body)) };
  const text = typeof body === 'string' ? body : jsonOf(body);
  if (text === undefined) return { signed: body }; // the framework throws its own error
  const bytes = Buffer.from(text);
  const out = sameOr(bytes, transform.end(bytes));
  if (out === bytes) return { signed: body, bytes };
  return { signed: typeof body === 'string' ? out.toString() : parsed(out.toString()), bytes: out };
}

function sameOr(bytes: Buffer, signed: Uint8Array): Buffer {
  return bytes.equals(signed) ? bytes : Buffer.from(signed.buffer, signed.byteOffset, signed.length);
}

/** @returns undefined for a function, a symbol, and objects that JSON cannot express, such as circular ones */
function jsonOf(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch {
    return undefined;
  }
}

/** @returns the text itself if it isn't JSON, such as a page that the app passed as an object */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}

/** Whether somebody reads the body already: the framework fails to send it, in its own way. */
function isLocked(body: unknown): boolean {
  const stream = body instanceof Response ? body.body : body;
  return stream instanceof ReadableStream && stream.locked;
}

/** Whether the body is whole, rather than a stream. */
export function isWhole(body: unknown): boolean {
  return !isWeb(body) && !isStream(body);
}

/** Keeps the `path` of a file stream: `@koa/etag` makes its tag from the file's date and size, which suits the page as well. */
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

/** Koa 3 accepts these three as bodies; Koa 2 does not. */
export function isWeb(body: unknown): boolean {
  return body instanceof ReadableStream || body instanceof Blob || body instanceof Response;
}

/** Koa and Fastify test for a stream in the same way. */
export function isStream(body: unknown): body is Readable {
  return typeof (body as Partial<Readable> | null)?.pipe === 'function';
}

function fromWeb(stream: ReadableStream): Readable {
  // The DOM's and Node's declarations of the same class differ.
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
}
