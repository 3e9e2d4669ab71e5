/**
 * If `imageSigner` is installed twice over fetch, one call runs within the other: the inner one comes later, and its
 * options hold. A mark on the request tells the inner call how its conditional headers were received; a mark on the
 * response tells the outer call that it has been processed.
 */
import type { Instance } from '../../pages/instance.ts';

/** From the registry: ESM and CommonJS copies of the package share it. */
const markSymbol: unique symbol = Symbol.for('image-signer.fetch') as never;

export interface RequestMark {
  /**
   * The request that the outermost call received. An app may keep a `Response` and return it to another request: the
   * mark of that other request tells that it has to be processed again.
   */
  readonly root: Request;
  /** The original values of the header fields that were changed. */
  readonly conditions: Readonly<Record<string, string | string[] | undefined>>;
}

type MarkedRequest = Request & { [markSymbol]?: RequestMark };
type MarkedResponse = Response & { [markSymbol]?: { readonly root: Request; readonly instance: Instance } };

/** @returns undefined for a request that no call has changed: it is its own root */
export function requestMarkOf(request: MarkedRequest): RequestMark | undefined {
  return request[markSymbol];
}

/** @param copy - a request that we have created: those of the app are never marked */
export function markRequest(copy: MarkedRequest, requestMark: RequestMark): Request {
  return mark(copy, requestMark);
}

export function markProcessed(response: MarkedResponse, instance: Instance, root: Request): Response {
  return mark(response, { root, instance });
}

/** @returns the instance that has processed this response to this request, if one has */
export function processedBy(response: MarkedResponse, root: Request): Instance | undefined {
  const found = response[markSymbol];
  return found?.root === root ? found.instance : undefined;
}

/** A frozen message takes no mark, and is returned as it is. */
function mark<Message extends object>(message: Message, value: object): Message {
  Reflect.set(message, markSymbol, value);
  return message;
}
