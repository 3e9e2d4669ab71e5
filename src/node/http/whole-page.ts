/**
 * The short way of a page that comes whole to an inherited `end`, with nothing between that and Node's own methods. It asks the
 * policy what `head.ts` and `body.ts` ask, in the same order, and needs none of what these two keep for parts of a page, for
 * other middleware and for headers in other forms: whatever is not plain is left to them.
 */
import type { ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { RewritePolicy } from '../../http/rewrite-policy.ts';
import { copyOfScratch, readInScratch } from '../../simd/scratch.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { asBuffer } from '../../text/bytes.ts';
import { isNoChunk, isText } from './body-methods.ts';
import { updateContentLength } from './content-length.ts';
import { propertyOf } from './message-property.ts';
import { FieldsOfReadNames, ResponseFields } from './response-fields.ts';
import { parseStatus } from './write-head.ts';

/** What is asked about a page whose request has no conditions. */
interface Asked {
  /** Created on first access. */
  readonly policy: RewritePolicy;
  /** No method is above our `writeHead`. */
  readonly inheritsHead: boolean;
  /**
   * Makes the headers final of a page whose body stays as it is, where that can be told without the policy.
   * @returns these headers; undefined if the policy has to be asked: then nothing has changed
   */
  settlePlainPage(
    status: number,
    readFields: () => HeaderFields,
    body: Uint8Array | string,
  ): HeaderFields | undefined;
}

/**
 * Makes the headers final.
 * @param args - of `end`
 * @returns what Node's `end` takes; undefined if nothing is decided: the call has to take the general way
 */
export function rewriteWhole(
  response: ServerResponse,
  args: readonly unknown[],
  asked: Asked,
  setHeader: ServerResponse['setHeader'],
): readonly unknown[] | undefined {
  const [chunk, encoding, ...more] = args;
  if (isNoChunk(chunk) || propertyOf(propertyOf(response, 'req'), 'method') === 'HEAD' || more.length > 0)
    return undefined;
  const isWhole = isUint8Array(chunk) ? encoding === undefined : isText(chunk, encoding);
  if (!isWhole || typeof encoding === 'function') return undefined;
  // A method above ours may still set headers, and a reason phrase may be one that Node refuses: then they are reverted.
  if (!asked.inheritsHead || propertyOf(response, 'statusMessage') !== undefined) return undefined;
  if (propertyOf(response, 'headersSent') || propertyOf(response, 'destroyed')) return undefined;
  const status = parseStatus(propertyOf(response, 'statusCode'));
  if (status === undefined || status === 304) return undefined;
  const whole = chunk as Uint8Array | string;
  const readFields = (): HeaderFields => new FieldsOfReadNames(response, setHeader);
  const plain = asked.settlePlainPage(status, readFields, whole);
  if (plain !== undefined) {
    const length = Buffer.byteLength(whole);
    updateContentLength(plain, length);
    if (typeof whole !== 'string') return [asBuffer(whole)];
    return length === whole.length ? asLatin1(whole) : [Buffer.from(whole)];
  }
  if (propertyOf(response, 'writableCorked') !== 0) return undefined;
  const fields = new ResponseFields(response, setHeader, false);
  if (fields.get('content-encoding') !== undefined) return undefined;
  const { policy } = asked;
  if (!policy.onContentType(fields.get('content-type') ?? '')) return undefined;
  const decision = policy.decide(status, fields, true);
  const body = typeof decision === 'object' ? decision.body : undefined;
  if (body === undefined) {
    if (decision !== 'pass') policy.onHeaders(fields);
    return args;
  }
  const out = typeof whole === 'string' ? endText(body, whole) : asBuffer(body.end(whole));
  updateContentLength(fields, out.length);
  policy.onHeaders(fields);
  return typeof out === 'string' ? asLatin1(out) : [out];
}

/** Node sends a text and the headers in one write, in one encoding: in UTF-8 it would change headers beyond ASCII. */
function asLatin1(text: string): readonly unknown[] {
  return [text, 'latin1'];
}

/** @returns the text itself if it is ASCII and stays as it is */
function endText(body: BodyTransform, text: string): Buffer | string {
  return readInScratch(text, 'utf8', (bytes) => {
    const out = asBuffer(body.end(bytes));
    return out === bytes && bytes.length === text.length ? text : copyOfScratch(out);
  });
}
