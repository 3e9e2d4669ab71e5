/** Reads an object of options: its shape, then each option by its schema. The first mistake is thrown. */
import * as v from 'valibot';
import { ImageSignerError } from '../errors.ts';
import { describeSecret, invalidOption, printableName } from './message.ts';

/**
 * A required option that is missing counts as undefined.
 * @param call - what takes the options, for messages
 * @param entries - a schema for each option
 * @param others - options that are read elsewhere, for messages
 * @throws ImageSignerError INVALID_OPTION
 */
export function readObject<Entries extends v.ObjectEntries>(
  call: string,
  entries: Entries,
  input: object,
  others: readonly string[] = [],
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const names = Object.keys(entries);
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(entries, name));
  if (unknown !== undefined) {
    throw invalidOption(
      printableName(unknown),
      `is not an option of ${call}. There are ${[...names, ...others].join(', ')}.`,
    );
  }
  const missing = Object.fromEntries(names.map((name) => [name, undefined]));
  const result = v.safeParse(v.object(entries), { ...missing, ...input }, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? [])
    .map(({ key }) => (typeof key === 'string' ? printableName(key) : String(key)))
    .join('.');
  throw invalidOption(path, issue.message);
}

/**
 * Reads the options of a factory. No message shows the key.
 * @param factory - the function that was called, for messages
 * @throws ImageSignerError INVALID_OPTION, also for a request or a signer in the place of options
 */
export function readGiven<T>(factory: string, input: unknown, read: (given: object) => T): T {
  checkShape(factory, input);
  return withoutKey(input, () => read(input));
}

function checkShape(factory: string, input: unknown): asserts input is object {
  const call = `${factory}({ key, ttl, variants })`;
  if (typeof input !== 'object' || input === null) {
    throw invalidOption('', `${factory} expected options, got ${describeSecret(input)}. Write ${call}.`);
  }
  if ('headers' in input && 'method' in input) {
    throw invalidOption(
      '',
      `${factory} expected options, got a request. Write app.use(${factory}({ … })): the call makes the middleware.`,
    );
  }
  if ('signImage' in input) {
    throw invalidOption('', `${factory} expected options, got a signer. Write ${factory}({ signer }).`);
  }
}

/** Removes the key from the message, in case it has been pasted into another option as well, however short it is. */
function withoutKey<T>(input: unknown, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ImageSignerError)) throw error;
    const { key } = Object(input) as { readonly key?: unknown };
    const texts = [key]
      .flat()
      .filter((each): each is string => typeof each === 'string' && each.trim().length >= 8);
    const hide = (text: string): string =>
      texts.reduce((shown, each) => shown.replaceAll(each.trim(), '…'), text);
    throw new ImageSignerError(
      error.code,
      hide(error.message),
      error.option === undefined ? undefined : hide(error.option),
    );
  }
}
