/**
 * The text of a response that nobody has read yet. `@hono/node-server` puts a `Response` of its own in place of Node's,
 * which keeps its arguments until something asks for the body, and only then makes a real one of them: that encodes a
 * page of 100 KB twice as long as we take to rewrite it. Nothing public tells the text, so it is read where versions 1 and
 * 2 keep it; everything unexpected counts as read.
 */

/** What holds the arguments as `[status, body, headers]`. It is deleted when the real response is made. */
const description = 'cache';

/** Found on the first response that has it; a runtime has one copy of the server, others are not looked into. */
let argumentsSymbol: symbol | undefined;

/** @returns undefined for a response whose body is anything but such a text */
export function unreadTextOf(response: Response): string | undefined {
  argumentsSymbol ??= Object.getOwnPropertySymbols(response).find((each) => each.description === description);
  if (argumentsSymbol === undefined || !Object.hasOwn(response, argumentsSymbol)) return undefined;
  const kept: unknown = Reflect.get(response, argumentsSymbol);
  if (!Array.isArray(kept) || kept.length !== 3) return undefined;
  const [status, body] = kept as readonly unknown[];
  return status === response.status && typeof body === 'string' ? body : undefined;
}
