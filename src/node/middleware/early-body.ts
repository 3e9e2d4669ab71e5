/**
 * The policy of a response whose body the framework holds before any header goes out: `ctx.body` of Koa, a payload of Fastify.
 * It is replaced there by a body of the same kind, so that outer middleware sees the page as it is sent. The decision then
 * holds when the headers go out, as long as that body is in place. Any other body is decided about, and rewritten, where it is
 * written.
 */

import { pipeline, Readable } from 'node:stream';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { Decision, PlacedText, Rewrite } from '../../http/rewrite-policy.ts';
import type { Instance } from '../../pages/instance.ts';
import { type PolicyTarget, ResponsePolicy } from '../../pages/policy.ts';
import { readInScratch } from '../../simd/scratch.ts';
import { type BodyTransform, endAsBytes } from '../../text/body-transform.ts';
import { asBuffer } from '../../text/bytes.ts';
import { parseContentCoding } from '../http/content-coding.ts';
import { toTransform } from './signer.ts';

/** A body as the framework holds it, with what is known of its response. */
interface HeldBody {
  readonly body: unknown;
  readonly status: number;
  /** `''` if it is not set. */
  header(name: string): string;
  /** Called only if the body may be a page. */
  fields(): HeaderFields;
  /** Whether no other middleware looks at the body's type after this one. */
  isOutermost(): boolean;
  /** Called when the source of a stream fails or is cut off. */
  onBroken(): void;
  /** Whether the framework reads the app's stream to its end, though nothing of it is sent to HEAD. */
  readonly keepsStreamForHead: boolean;
  /** @param body - undefined for a stream whose content is never sent, as for HEAD */
  replace(body: PlacedText | Buffer | Readable | undefined): void;
}

/** The body that goes out has been replaced already. */
const inPlace: Rewrite = { body: undefined, keepsLength: true };

export abstract class EarlyBodyPolicy extends ResponsePolicy {
  readonly #isHead: boolean;
  /** What was decided about the body that is in place. */
  #decision: Decision | undefined;

  constructor(target: PolicyTarget, instance: Instance) {
    super(target, instance);
    this.#isHead = target.request.method === 'HEAD';
  }

  /** Whether the body that goes out with these headers is the one that was decided about. */
  protected abstract isInPlace(status: number, fields: HeaderFields): boolean;

  /** The framework holds another body now, which is not replaced. */
  protected forget(): void {
    this.#decision = undefined;
  }

  /** @returns undefined if nothing is decided before the headers go out */
  protected replaceEarly(held: HeldBody): Decision | undefined {
    this.forget();
    const { body, status } = held;
    if (!this.onContentType(held.header('Content-Type'))) return undefined;
    // An encoded body is decoded where it is written. A 304 has none, whatever the app has set.
    if (parseContentCoding(held.header('Content-Encoding')) !== undefined || status === 304) return undefined;
    // For HEAD, frameworks derive Content-Length and ETag from the body: rewrite it when it is fully buffered.
    const decision = super.decide(status, held.fields(), true, !this.#isHead || isWhole(body));
    this.#decision = decision;
    if (typeof decision === 'string' || decision.keepsLength) return decision;
    if (decision.body === undefined) {
      held.replace(undefined);
      // A length that is set from here on is that of another body, which a later hook puts in its place.
      if (held.keepsStreamForHead) this.#decision = inPlace;
      return decision;
    }
    const replaced = transformBody(body, decision.body, held.isOutermost(), () => held.onBroken());
    // The framework is about to fail on a body that has no text. Otherwise it sets the length of the new one.
    const placed = replaced !== undefined && 'text' in replaced ? replaced : undefined;
    this.#decision = replaced && { ...inPlace, placed };
    if (replaced !== undefined) held.replace(replaced);
    return this.#decision;
  }

  override decide(status: number, fields: HeaderFields, isReadable: boolean, hasBody?: boolean): Decision {
    return this.#decision !== undefined && this.isInPlace(status, fields)
      ? this.#decision
      : super.decide(status, fields, isReadable, hasBody);
  }
}

/**
 * Transforms a body of any kind that Koa and Fastify take into one of the same kind: text stays text and a stream stays a
 * stream, since outer middleware may look at the body's type.
 * @param isOutermost - no middleware looks at the type after us: text may become bytes, which saves Koa the encoding
 * @param onBroken - called when the source fails or is cut off
 * @returns undefined for a body that has no text: the framework gives its own error for it
 */
function transformBody(
  body: unknown,
  transform: BodyTransform,
  isOutermost: boolean,
  onBroken: () => void,
): PlacedText | Buffer | Readable | undefined {
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
): PlacedText | Buffer | undefined {
  // To Koa any other `Uint8Array` is an object like others, which goes out as JSON.
  if (Buffer.isBuffer(body)) {
    const bytes = transform.end(body);
    // It may be a page that is kept, and outer middleware may write into it.
    return isOutermost ? asBuffer(bytes) : Buffer.from(bytes);
  }
  const text = typeof body === 'string' ? body : jsonOf(body);
  if (text === undefined) return undefined;
  if (isOutermost) return endAsBytes(transform, text);
  let bytes: Buffer | undefined;
  const out = transform.endText?.(text, (those) => {
    bytes = those;
  });
  if (out === undefined) {
    bytes = endAsBytes(transform, text);
    return { text: bytes.toString(), bytes };
  }
  bytes ??= readInScratch(out, 'utf8', (those) => Buffer.from(those));
  return { text: out, bytes };
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
  return withPath(Readable.from([], { objectMode: false }), body);
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
