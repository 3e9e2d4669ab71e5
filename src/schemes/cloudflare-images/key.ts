/** The option `key`: the signing keys, the newest first. */
import * as v from 'valibot';
import { SigningKeys } from '../../signing/keys.ts';
import { expectedSecret } from '../../validation/message.ts';
import { listOf, type Schema } from '../../validation/schema.ts';
import { secretText } from '../../validation/secret.ts';

export const key: Schema<SigningKeys> = v.pipe(
  listOf(
    secretText(
      "the signing key's text, or a list with the newest first",
      'Cloudflare shows it under Images, Keys.',
    ),
    expectedSecret('at least one key', 'Put the newest first.'),
  ),
  v.transform((texts) => new SigningKeys(texts)),
);
