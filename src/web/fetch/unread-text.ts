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
 * The type that the arguments name, or that the standard gives to the body. Asking for `headers` would make real `Headers`
 * of them, and the server would send them the long way: that is most of what an answer that is no page costs. It would also
 * put plain text in place of a type that nobody has named, such as that of a `Blob`.
 * @returns undefined if the headers have to be asked for it
 */
export function unreadTypeOf(response: Response): string | undefined {
  const [, body, fields] = argumentsOf(response) ?? [undefined, undefined, null];
  const ofBody = body instanceof Blob ? body.type : typeof body === 'string' ? typeOfText : '';
  if (fields === undefined) return ofBody;
  const isPlain =
    typeof fields === 'object' &&
    fields !== null &&
    Object.getPrototypeOf(fields) === Object.prototype &&
    !(Symbol.iterator in fields); // `Headers` would read it as a list
  if (!isPlain) return undefined;
  const [name, ...others] = Object.getOwnPropertyNames(fields).filter(
    (each) => each.toLowerCase() === 'content-type',
  );
  if (name === undefined) return ofBody;
  const type: unknown = Reflect.get(fields, name);
  const isOne = others.length === 0 && typeof type === 'string';
  return isOne && type === type.trim() ? type : undefined; // `Headers` takes white space off
}

/** Of a text without a type (Fetch standard, "extract a body"). */
const typeOfText = 'text/plain;charset=UTF-8';

/**
 * Makes an unread response a real one, whose headers have the type of the `Blob`. One without a type stays: its headers have
 * the default of the server, which a real one would lose in the answer to HEAD.
 */
export function readBlob(response: Response): void {
  const body = argumentsOf(response)?.[1];
  if (body instanceof Blob && body.type !== '') response.body;
}

function argumentsOf(response: Response): readonly unknown[] | undefined {
  argumentsSymbol ??= Object.getOwnPropertySymbols(response).find((each) => each.description === description);
  if (argumentsSymbol === undefined || !Object.hasOwn(response, argumentsSymbol)) return undefined;
  const kept: unknown = Reflect.get(response, argumentsSymbol);
  return Array.isArray(kept) && kept.length === 3 ? kept : undefined;
}
