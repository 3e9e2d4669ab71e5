/**
 * Mounts over the fetch standard are calls within calls: the inner one is the later one, and its options hold. Each
 * finds the conditions of the request as they came, and leaves on the response that it has judged it.
 */
import type { Mount } from '../../response/instance.ts';

/** Both copies of the package know the symbol. */
const mountedSymbol: unique symbol = Symbol.for('image-signer.fetched') as never;

/** What a mount has made of a request. */
export interface Standing {
  /** The request that the first mount was given: by it, a response that an app keeps and gives again is judged again. */
  readonly root: Request;
  /** The fields that were changed, as they came. */
  readonly conditions: Readonly<Record<string, string | string[] | undefined>>;
}

type MarkedRequest = Request & { [mountedSymbol]?: Standing };
type MarkedResponse = Response & { [mountedSymbol]?: { readonly root: Request; readonly mount: Mount } };

export function standingOf(request: MarkedRequest): Standing {
  return request[mountedSymbol] ?? { root: request, conditions: {} };
}

/** @param changed - made by a mount, so that nobody else's request is marked */
export function withStanding(changed: MarkedRequest, standing: Standing): Request {
  return marked(changed, standing);
}

export function judgedBy(response: MarkedResponse, mount: Mount, root: Request): Response {
  return marked(response, { root, mount });
}

/** One that takes no mark, being frozen, is as good without. */
function marked<Message extends object>(message: Message, mark: object): Message {
  Reflect.set(message, mountedSymbol, mark);
  return message;
}

/** The later mount that has judged a response to this request, if there is one. */
export function judgeOf(response: MarkedResponse, root: Request): Mount | undefined {
  const judged = response[mountedSymbol];
  return judged?.root === root ? judged.mount : undefined;
}
