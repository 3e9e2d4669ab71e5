/**
 * The text and the type of a response that nobody has read yet. `@hono/node-server` puts a `Response` of its own in place of Node's,
 * which keeps its arguments until something asks for the body, and only then makes a real one of them: that encodes a
 * page of 100 KB twice as long as we take to rewrite it. Nothing public tells the text, so it is read where versions 1 and
 * 2 keep it; everything unexpected counts as read.
 */

/** What holds the arguments as `[status, body, headers]`. It is deleted when the real response is made. */
const description = 'cache';

/** Found on the first response that has it; a runtime has one copy of the server, others are not looked into. */
let argumentsSymbol: symbol | undefined;

/** Whether asking for the body would make a real response, which fails for one that the standard does not allow. */
export function isUnread(response: Response): boolean {
  return argumentsOf(response) !== undefined;
}

/** @returns undefined for a response whose body is anything but such a text */
export function unreadTextOf(response: Response): string | undefined {
  const [status, body] = argumentsOf(response) ?? [];
  return status === response.status && typeof body === 'string' ? body : undefined;
}

/**
 * The type that the arguments name. Asking for `headers` would make a real `Headers` of them, and the server would send
 * them the long way: that is most of what an answer that is no page costs.
 * @returns undefined if the headers have to be asked for it
 */
export function unreadTypeOf(response: Response): string | undefined {
  const fields = argumentsOf(response)?.[2];
  const isPlain =
    typeof fields === 'object' &&
    fields !== null &&
    Object.getPrototypeOf(fields) === Object.prototype &&
    !(Symbol.iterator in fields); // `Headers` would read it as a list
  const names = isPlain ? Object.keys(fields) : [];
  // Of several fields, two may be the type in different spellings.
  const [name] = names.length === 1 ? names : [];
  if (name?.toLowerCase() !== 'content-type') return undefined;
  const type: unknown = Reflect.get(fields as object, name);
  return typeof type === 'string' && type === type.trim() ? type : undefined; // `Headers` takes white space off
}

function argumentsOf(response: Response): readonly unknown[] | undefined {
  argumentsSymbol ??= Object.getOwnPropertySymbols(response).find((each) => each.description === description);
  if (argumentsSymbol === undefined || !Object.hasOwn(response, argumentsSymbol)) return undefined;
  const kept: unknown = Reflect.get(response, argumentsSymbol);
  return Array.isArray(kept) && kept.length === 3 ? kept : undefined;
}
