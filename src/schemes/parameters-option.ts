/** The option `parameters`: which parameters of a URL are signed with it. Anybody may have written the URL into a comment. */
import * as v from 'valibot';
import { asName, expected } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';

/** Names that no store gives a meaning, and by which sites tell the versions of an image apart. */
export const versionParameters: readonly string[] = [
  ...['v', 'ver', 't', 'ts', 'updatedAt'],
  ...['w', 'h', 'q', 'width', 'height', 'quality', 'format', 'fit', 'dpr', 'auto'],
];

const hint = "Such as ['v', 'versionId']. Leave it out for the names that tell versions of an image apart.";

/** @param isToken - names that a token has */
export function parameters(isToken: (name: string) => boolean): Schema<readonly string[]> {
  const name = v.pipe(
    v.string(expected('the name of a parameter', hint)),
    v.check((text) => /^[^&=\0-\x20]+$/.test(text), expected('the name of a parameter', hint, asName)),
    v.check((text) => !isToken(text), expected('a name that belongs to no token', hint, asName)),
  );
  const one = v.pipe(
    name,
    v.transform((text): readonly string[] => [text]),
  );
  // An empty list is one as well: no parameter is signed.
  const list: Schema<readonly string[]> = v.array(name);
  return v.optional(
    v.lazy((input) => (Array.isArray(input) ? list : one)),
    [...versionParameters],
  );
}
