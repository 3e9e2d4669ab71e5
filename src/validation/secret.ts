/** Schemas of keys and other secrets. Their messages show nothing of what came. */
import * as v from 'valibot';
import { expectedSecret } from './message.ts';
import type { Schema } from './schema.ts';

/**
 * @param what - such as "the signing key's text"
 * @param where - where its owner finds it
 */
export function secretText(what: string, where: string): Schema<string> {
  return v.pipe(
    v.string((issue) => expectedSecret(what, `${where} ${mendFor(issue.input)}`)(issue)),
    v.nonEmpty(expectedSecret(what, 'An empty key signs for everybody: is the variable set?')),
    v.check(
      (text) => text === text.trim(),
      expectedSecret(
        'a key without white space around it',
        'A line end comes along when a key is pasted: trim it.',
      ),
    ),
    v.check(
      (text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text),
      expectedSecret('a key of visible characters', 'Something invisible came along when it was pasted.'),
    ),
    v.check(
      (text) => !/^(["'`]).*\1$/.test(text),
      expectedSecret(
        'a key without quotes around it',
        'They are part of the notation, not of the key: take them off.',
      ),
    ),
  );
}

function mendFor(input: unknown): string {
  return typeof input === 'function' || typeof input === 'object'
    ? 'Pass its text, and not a function, a list or an object.'
    : 'If it comes from the environment, is the variable set?';
}
