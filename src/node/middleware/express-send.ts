/**
 * `res.send` of Express, which encodes and hashes each text. One that has come before is passed on as the bytes that it had
 * then, with the entity tag that Express had made. A new one is encoded where it is read: Express hashes those bytes. Whatever
 * else Express does with a page, it does itself.
 */
import type { ServerResponse } from 'node:http';
import type { CreateTag, SentText, SentTexts } from '../../caches/sent-texts.ts';
import { readInScratch } from '../../simd/scratch.ts';
import { hasOwnBodyMethods } from '../http/body-methods.ts';
import { propertyOf } from '../http/message-property.ts';
import { hasNodesMethods } from '../http/patched-node.ts';

type Send = (this: ExpressResponse, ...args: unknown[]) => unknown;

interface ExpressResponse extends ServerResponse {
  readonly app?: { get(setting: string): unknown };
  send?: Send;
  readonly get?: unknown;
  readonly set?: unknown;
  readonly type?: unknown;
}

/** What is known of a response that may be a page. */
interface SendingResponse {
  readonly response: ServerResponse;
  /** Undefined if no page is rewritten. */
  readonly sentTexts: SentTexts | undefined;
  /** Whether its text comes to our own `end` at once, and nothing else sees the bytes. */
  readonly takesWhole: boolean;
}

const html = 'text/html; charset=utf-8';
/** In characters. Express leaves shorter ones to Node.js where it makes no tag. */
const minLength = 1_000;
const hasOwn = Object.prototype.hasOwnProperty;

/**
 * Hooks the `send` that all responses of one copy of Express inherit.
 * @param find - undefined for a response that is never a page
 */
export function hookSend(
  response: ExpressResponse,
  find: (response: ServerResponse) => SendingResponse | undefined,
): void {
  let owner: ExpressResponse | undefined;
  let each = Object.getPrototypeOf(response) as ExpressResponse | null;
  for (; each !== null; each = Object.getPrototypeOf(each) as ExpressResponse | null)
    if (hasOwn.call(each, 'send')) owner = each; // an app may have one of its own, which calls this one
  const below = owner?.send;
  if (owner === undefined || typeof below !== 'function' || !isOfExpress(owner)) return;
  const { get, set, type } = owner;
  const hooked: Send = function send(body, ...more) {
    const isLong = typeof body === 'string' && body.length >= minLength && more.length === 0;
    // What an app has put in their place is to see the type, and may put a method of its own above `end`.
    const isPlain =
      isLong &&
      propertyOf(this, 'get') === get &&
      propertyOf(this, 'set') === set &&
      propertyOf(this, 'type') === type;
    const sending = isPlain && !hasOwnFresh(propertyOf(this, 'req')) ? find(this) : undefined;
    return sending === undefined
      ? below.call(this, body, ...more)
      : sendText(this, body as string, sending, below);
  };
  Reflect.set(owner, 'send', hooked);
}

/**
 * A package may have put its own in the place of Express's: a `send` that adds to the texts that it gets has to get texts.
 * Express's own are told by what each of them has to say.
 */
function isOfExpress(owner: ExpressResponse): boolean {
  return Object.entries(wordsOfExpress).every(([name, words]) => {
    const method: unknown = Reflect.get(owner, name);
    return typeof method === 'function' && Function.prototype.toString.call(method).includes(words);
  });
}

/** Express asks `req.fresh` right before it calls `end`. An app may declare one on a request, or on `app.request`. */
function hasOwnFresh(request: object): boolean {
  return hasOwn.call(request, 'fresh') || hasOwn.call(Object.getPrototypeOf(request), 'fresh');
}

const wordsOfExpress = {
  send: 'etag fn',
  get: 'getHeader',
  set: 'Content-Type cannot be set to an Array',
  type: 'Content-Type',
} as const;

function sendText(response: ExpressResponse, text: string, sending: SendingResponse, send: Send): unknown {
  const getHeader = propertyOf(response, 'getHeader'); // a mock may have this one alone
  const type = getHeader.call(response, 'content-type');
  const isPlain =
    (type === undefined || type === html) &&
    getHeader.call(response, 'etag') === undefined &&
    getHeader.call(response, 'transfer-encoding') === undefined;
  const { sentTexts } = sending;
  if (!isPlain || sentTexts === undefined) return send.call(response, text);
  const sent = sentTexts.get(text);
  if (sent !== undefined) return send.call(response, bytesOf(response, sent));
  if (!sending.takesWhole || sending.response !== response || hasTagFunctionOfApp(response))
    return send.call(response, text);
  return readInScratch(text, 'utf8', (bytes) => {
    response.setHeader('Content-Type', html);
    return send.call(response, bytes);
  });
}

/** Of a text that came before, with the headers that Express would have set. */
function bytesOf(response: ExpressResponse, sent: SentText): Buffer {
  response.setHeader('Content-Type', html); // again, as Express does: in its own case
  const createTag = tagFunctionOf(response);
  const tag = createTag && !hasTagFunctionOfApp(response) ? sent.tagBy(createTag) : undefined;
  // Other middleware may write into the bytes that it gets: what one visitor gets must not be in the next one's.
  const isShared = hasNodesMethods() && !hasOwnBodyMethods(response);
  const bytes = isShared ? sent.bytes : Buffer.from(sent.bytes);
  if (tag === undefined) return bytes;
  response.setHeader('Content-Length', String(bytes.length)); // in the order of Express
  response.setHeader('ETag', tag);
  return bytes;
}

/** Undefined if the app has turned tags off. */
function tagFunctionOf(response: ExpressResponse): CreateTag | undefined {
  const createTag = propertyOf(response, 'app')?.get('etag fn');
  return typeof createTag === 'function' ? (createTag as CreateTag) : undefined;
}

/** Whether tags are made by a function of the app's own, in place of Express's: it is asked each time, and may keep the bytes. */
function hasTagFunctionOfApp(response: ExpressResponse): boolean {
  const createTag = tagFunctionOf(response);
  if (createTag === undefined) return false;
  return createTag.name !== 'generateETag' || typeof propertyOf(response, 'app')?.get('etag') === 'function';
}
