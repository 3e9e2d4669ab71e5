/** The option of a private RSA key: each text that is none is told with a way to fix it. */
import * as v from 'valibot';
import { type RsaKey, type RsaKeyMistake, readRsaKey } from '../signing/rsa.ts';
import { describeSecret, expectedSecret } from '../validation/message.ts';
import type { Schema } from '../validation/schema.ts';

interface RsaKeyOwner {
  /** Where its owner finds the text. */
  readonly where: string;
  /** What to do with a public key. */
  readonly publicHint: string;
  /** Who verifies. */
  readonly verifier: string;
}

export function rsaKey({ where, publicHint, verifier }: RsaKeyOwner): Schema<RsaKey> {
  const mistakes: Readonly<Record<RsaKeyMistake, readonly [what: string, hint: string]>> = {
    'no-pem': [
      'a private RSA key as PEM text',
      `${where} In an environment variable line ends may have become \\n: put them back with replaceAll('\\\\n', '\\n').`,
    ],
    public: ['a private key, not a public one', publicHint],
    encrypted: [
      'a private key without a passphrase',
      'Decrypt it when you store it: `openssl pkey -in key.pem -out plain.pem`.',
    ],
    'elliptic-curve': [
      'an RSA key, not an elliptic curve key',
      'ECDSA signatures made by Node.js differ each time, so the URL of an image would never stay the same.',
    ],
    'other-kind': [
      'an RSA key',
      `${verifier} verifies no other kind that gives the same signature each time.`,
    ],
  };
  return v.pipe(
    v.string(
      expectedSecret(
        'a private RSA key as PEM text',
        "If it comes from the environment, is the variable set? From a file: readFileSync('key.pem', 'utf8').",
      ),
    ),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const key = readRsaKey(dataset.value);
      if (typeof key !== 'string') return key;
      const [what, hint] = mistakes[key];
      addIssue({ message: `expected ${what}, got ${describeSecret(dataset.value)}. ${hint}` });
      return NEVER;
    }),
  );
}
