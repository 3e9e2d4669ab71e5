/**
 * `res.send` of Express, which encodes and hashes each text. One that has come before is passed on as the bytes that it had
 * then, with the entity tag that Express had made: whatever else Express does with a page, it does itself.
 */
import type { ServerResponse } from 'node:http';
import type { CreateTag, SentTexts } from '../../caches/sent-texts.ts';
import { hasOwnBodyMethods } from '../http/body-methods.ts';

type Send = (this: ExpressResponse, ...args: unknown[]) => unknown;

interface ExpressResponse extends ServerResponse {
  readonly app?: { get(setting: string): unknown };
  send?: Send;
}

const html = 'text/html; charset=utf-8';
/** In characters. Express leaves shorter ones to Node.js where it makes no tag. */
const minLength = 1_000;
const hasOwn = Object.prototype.hasOwnProperty;

/**
 * Hooks the `send` that all responses of one copy of Express inherit.
 * @param textsOf - undefined for a response that is never a page
 */
export function hookSend(
  response: ExpressResponse,
  textsOf: (response: ServerResponse) => SentTexts | undefined,
): void {
  let owner: ExpressResponse | undefined;
  let each = Object.getPrototypeOf(response) as ExpressResponse | null;
  for (; each !== null; each = Object.getPrototypeOf(each) as ExpressResponse | null)
    if (hasOwn.call(each, 'send')) owner = each; // an app may have one of its own, which calls this one
  const below = owner?.send;
  if (owner === undefined || typeof below !== 'function' || !isOfExpress(below)) return;
  const hooked: Send = function send(body, ...more) {
    const isLong = typeof body === 'string' && body.length >= minLength && more.length === 0;
    const texts = isLong ? textsOf(this) : undefined;
    return below.call(this, texts === undefined ? body : bytesOf(this, body as string, texts), ...more);
  };
  Reflect.set(owner, 'send', hooked);
}

/**
 * A package may have put its own in the place of Express's, which adds to the texts that it gets: it has to get texts. Express's
 * own names the setting that makes its tags.
 */
function isOfExpress(send: Send): boolean {
  return Function.prototype.toString.call(send).includes('etag fn');
}

/** @returns the text itself if Express has to encode it */
function bytesOf(response: ExpressResponse, text: string, texts: SentTexts): string | Buffer {
  const type = response.getHeader('content-type');
  if (type !== undefined && type !== html) return text;
  if (response.hasHeader('etag') || response.hasHeader('transfer-encoding')) return text;
  const sent = texts.get(text);
  if (sent === undefined) return text;
  response.setHeader('Content-Type', html); // again, as Express does: in its own case
  const createTag = ownTagOf(response);
  const tag = createTag && sent.tagBy(createTag);
  // Other middleware may write into the bytes that it gets: what one visitor gets must not be in the next one's.
  const bytes = hasOwnBodyMethods(response) ? Buffer.from(sent.bytes) : sent.bytes;
  if (tag === undefined) return bytes;
  response.setHeader('Content-Length', String(bytes.length)); // in the order of Express
  response.setHeader('ETag', tag);
  return bytes;
}

/** Express's own function for entity tags; undefined if the app has another one, or none: Express then asks that one. */
function ownTagOf({ app }: ExpressResponse): CreateTag | undefined {
  const createTag = app?.get('etag fn');
  const isOwn =
    typeof createTag === 'function' &&
    createTag.name === 'generateETag' &&
    typeof app?.get('etag') !== 'function';
  return isOwn ? (createTag as CreateTag) : undefined;
}
