/** The option `key`: texts, or a function that gives them, and how often that function is asked. */
import * as v from 'valibot';
import { SigningKeys } from '../../signing/keys.ts';
import { expectedSecret, invalidOption } from '../../validation/message.ts';
import { listOf, type Schema } from '../../validation/schema.ts';
import { secretText } from '../../validation/secret.ts';

/** In seconds: soon enough for a key that is replaced in an emergency, and rare for any secret manager. */
const defaultRefresh = 300;

const texts: Schema<readonly string[]> = listOf(
  secretText(
    "the signing key's text, or a list with the newest first",
    'Cloudflare shows it under Images, Keys.',
  ),
  expectedSecret('at least one key', 'Put the newest first.'),
);

/** Keys that were given as text, or the function that gives them. */
export type KeyInput = SigningKeys | KeyFunction;
export type KeyFunction = () => unknown;

const givenKeys: Schema<KeyInput> = v.pipe(
  texts,
  v.transform((each) => new SigningKeys(each)),
);
const keyFunction: Schema<KeyInput> = v.custom<KeyFunction>((input) => typeof input === 'function');

export const key: Schema<KeyInput> = v.lazy((input) =>
  typeof input === 'function' ? keyFunction : givenKeys,
);

/**
 * @param refreshAfter - the option `keyRefresh`, in seconds
 * @throws ImageSignerError INVALID_OPTION for `keyRefresh` beside a text
 */
export function keysOf(input: KeyInput, refreshAfter: number | undefined): SigningKeys {
  if (typeof input === 'function')
    return new SigningKeys({ fetch: input, readTexts, refreshAfter: refreshAfter ?? defaultRefresh });
  if (refreshAfter === undefined) return input;
  throw invalidOption(
    'keyRefresh',
    'expected a function as `key`, got text. A text is never read again: leave keyRefresh out, or write key: () => ….',
  );
}

/** @throws ImageSignerError INVALID_OPTION, whose message shows nothing of what came */
function readTexts(got: unknown): readonly string[] {
  const result = v.safeParse(texts, got, { abortEarly: true });
  if (result.success) return result.output;
  throw invalidOption('key', `${result.issues[0].message} The function \`key\` gave it.`);
}
