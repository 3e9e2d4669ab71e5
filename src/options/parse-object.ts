/** Reads an object of options by its schema; the first mistake is thrown, and shows no key. */
import type * as v from 'valibot';
import { ImageSignerError } from '../errors.ts';
import { describeSecret, invalidOption } from '../validation/message.ts';
import { readObject } from '../validation/object.ts';

/**
 * Throws the first mistake. A required option that is missing counts as undefined.
 * @param others - options that are read elsewhere, for the message
 */
export function parseObject<Entries extends v.ObjectEntries>(
  factory: string,
  entries: Entries,
  input: unknown,
  ...others: readonly string[]
): v.InferOutput<v.StrictObjectSchema<Entries, undefined>> {
  checkShape(factory, input);
  return readObject(factory, entries, input, others);
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
export function withoutKey<T>(input: unknown, read: () => T): T {
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
