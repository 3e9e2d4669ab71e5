/** The option `scheme`: one token scheme, or a list of which the first that knows a URL has it. */
import * as v from 'valibot';
import { type Definition, definitionOf } from '../schemes/definition.ts';
import { expectedSecret } from '../validation/message.ts';
import { listOf, type Schema } from '../validation/schema.ts';

const hint = "Such as s3({ … }) of 'image-signer/schemes'.";

const one: Schema<Definition> = v.pipe(
  v.custom<unknown>(
    (input) => definitionOf(input) !== undefined,
    expectedSecret('what a function of image-signer/schemes returns', hint),
  ),
  v.transform((input) => definitionOf(input)!), // the check above has accepted it
);

export const scheme: Schema<readonly Definition[]> = listOf(one, expectedSecret('at least one scheme', hint));
