/** Rewrites a fetch response as the policy decides. */
import type { Rewrite } from '../../http/rewrite-policy.ts';
import type { ResponsePolicy } from '../../pages/policy.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import {
  decodeStream,
  encodeStream,
  openLate,
  transcodeStream,
  transformStream,
  type WebCoding,
} from './body.ts';
import { detectCoding, type EncodedBody } from './content-coding.ts';
import { type Exchange, FetchFields } from './exchange.ts';
import { type Bytes, type ChunkReader, readWhole, resume } from './read-body.ts';

/** @returns the response itself if it passes through */
export async function rewrite(response: Response, exchange: Exchange): Promise<Response> {
  const { policy } = exchange;
  const isRewrittenType = policy.onContentType(response.headers.get('content-type') ?? '');
  if (!isRewrittenType && !policy.mayChangeHeaders(response.status)) return response;
  const { status } = response;
  // The standard allows such a response no body. `@hono/node-server` accepts one, and fails when it is read.
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  const headers = new Headers(response.headers);
  const isDeclared = hasBody && isRewrittenType && headers.has('content-encoding');
  if (hasBody && (response.bodyUsed || response.body?.locked)) return response;
  const encoded = isDeclared ? await detectCoding(response, headers, policy.isLive) : undefined;
  const fields = new FetchFields(headers);
  // For HEAD, outer middleware such as hono/etag may derive an entity tag from the body, which must match the page's.
  const decision = policy.decide(
    status,
    fields,
    encoded?.coding !== 'unknown',
    isDeclared ? undefined : hasBody,
  );
  if (typeof decision === 'string') {
    // A Worker encodes a body that is not encoded: to pass it on, we must know its coding.
    const known = encoded?.settle === undefined ? encoded : await encoded.settle();
    const isLeft = known === undefined || known.body === response.body;
    const passed = isLeft ? response : createResponse(known.body, response, response.headers, known.coding);
    return decision === 'limit' ? withLimits(passed, exchange, hasBody) : passed;
  }
  fields.remove('Content-Length');
  // Start with the available body: a URL in it may have its own expiry, which limits the headers.
  const body = hasBody ? await rewriteBody(encoded ?? bodyOf(response), decision, policy, headers) : null;
  exchange.changeHeaders(fields);
  // Do not read `statusText`: with a body, it would create a real response, which fails.
  if (!hasBody) return new Response(null, { status, headers });
  return createResponse(body, response, headers, encoded?.coding);
}

/** A body without a declared coding. */
function bodyOf({ body }: Response): EncodedBody {
  return { body: body as ReadableStream<Bytes> | null, coding: undefined };
}

/** A copy, because the headers of a response from `fetch` are read-only. Workers keep their knowledge of the coding. */
function withLimits(response: Response, exchange: Exchange, hasBody: boolean): Response {
  const copy = new Response(hasBody ? response.body : null, response);
  exchange.changeHeaders(new FetchFields(copy.headers));
  return copy;
}

/**
 * Workers compress a body themselves if its headers name a coding, unless the response says that it is encoded already:
 * https://developers.cloudflare.com/workers/runtime-apis/response/ (`encodeBody`). Other runtimes ignore the option.
 */
function createResponse(
  body: Bytes | ReadableStream<Bytes> | null,
  { status, statusText }: Response,
  headers: Headers,
  coding: EncodedBody['coding'],
): Response {
  const workersInit = coding === undefined ? {} : { encodeBody: 'manual' };
  return new Response(body, { status, statusText, headers, ...workersInit });
}

async function rewriteBody(
  { body, coding, settle }: EncodedBody,
  decision: Rewrite,
  policy: ResponsePolicy,
  headers: Headers,
): Promise<Bytes | ReadableStream<Bytes> | null> {
  if (body === null) return null;
  // For HEAD, a runtime derives Content-Length from the app's body, which is not as long as the rewritten page. A stream has no
  // length.
  if (decision.body === undefined) return resume([], body.getReader());
  if (coding !== undefined && coding !== 'unknown') {
    const open = opener(decision.body, coding, decision.flushes === true, policy);
    const page = openPage(coding, policy, () =>
      settle === undefined
        ? open({ body, coding })
        : openLate(
            async () => open(await settle()),
            (reason) => body.cancel(reason),
          ),
    );
    if (page !== undefined && decision.flushes) headers.delete('content-encoding');
    return page ?? body;
  }
  const whole = await readWhole(body);
  // Bytes from a test runner or another realm are not instances of our `Uint8Array`.
  return 'read' in whole ? transformStream(whole, decision.body) : (decision.body.end(whole) as Bytes); // never over shared memory
}

/**
 * The headers are already sent, so the body must have the coding that they name, whatever the source sends.
 * @param flushes - no part may wait in an encoder, so the body stays decoded
 */
function opener(
  transform: BodyTransform,
  coding: WebCoding,
  flushes: boolean,
  policy: ResponsePolicy,
): (found: EncodedBody) => ReadableStream<Bytes> {
  const recode = flushes ? decodeStream : transcodeStream;
  return (found) => {
    if (found.coding !== undefined && found.coding !== 'unknown' && found.body !== null)
      return recode(found.body, found.coding, transform, () => policy.onCorruptBody());
    const plain = found.body ?? new Blob([]).stream();
    const stream = transformStream(plain.getReader() as ChunkReader, transform);
    return flushes ? stream : encodeStream(stream, coding);
  };
}

const KiB = 1024;
/** The memory of both in Node.js, whose streams accept no smaller window: gzip's dictionary, and its encoder's tables. */
const heldMemory = (coding: WebCoding): number => (coding === 'zstd' ? 512 : 320) * KiB;

/** Releases the memory of streams that nobody can read any more. Without it, nothing is counted: they would count forever. */
const unread: FinalizationRegistry<() => void> | undefined =
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry((giveBack) => giveBack()) : undefined;

/**
 * Limits how many encoded pages are open at a time, because each has a decoder and an encoder.
 * @param open - creates the page's stream
 * @returns undefined if too many pages are open: this one must then pass unchanged, and no cache may keep it
 */
function openPage(
  coding: WebCoding,
  policy: ResponsePolicy,
  open: () => ReadableStream<Bytes>,
): ReadableStream<Bytes> | undefined {
  if (unread === undefined) return open();
  const giveBack = policy.beginTranscoding(heldMemory(coding));
  if (giveBack !== undefined) return givingBack(open(), giveBack, unread);
  policy.onTranscodingRefused();
  return undefined;
}

/** The stream, with `giveBack` called when it ends, fails or is cancelled. */
function givingBack(
  stream: ReadableStream<Bytes>,
  giveBack: () => void,
  registry: FinalizationRegistry<() => void>,
): ReadableStream<Bytes> {
  const source = stream.getReader();
  const page = new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          giveBack();
          throw error;
        }
        giveBack();
        controller.close();
      },
      cancel(reason) {
        giveBack();
        return source.cancel(reason);
      },
    },
    { highWaterMark: 0 }, // reads nothing before the client does
  );
  registry.register(page, giveBack);
  return page;
}
